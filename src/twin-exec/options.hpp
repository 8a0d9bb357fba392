// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/endpoint.hpp"
#include "core/names.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

enum class Mode { Launch, Prepare, Guard, Up, Reap, Lock, Help, Version };

struct Options {
    Mode mode = Mode::Launch;
    TwinName twin;               ///< all modes but Lock, where only its pair is set
    std::string ports_text;      ///< --ports
    std::string public_text;     ///< --public
    Serving serving;             ///< these two, parsed; --endpoint, --listen-fds and the command
    std::string user;            ///< --user
    std::optional<mode_t> umask;  ///< --umask, of the service alone
    std::string own;             ///< --own: what OpenRC was told to set, and the sibling's is not taken of
    bool supervised = false;     ///< --supervisor supervise-daemon
    std::vector<std::string> logs;  ///< --log: what OpenRC opens for the service, as root
    std::string config_sum;      ///< --sum: what --prepare has printed
    std::string releases;        ///< --releases, or where they are by default; empty: it has none
    std::vector<std::string> command;  ///< COMMAND, its words from --args, ARG...; not replaced yet
    std::string guard = "enforce";     ///< --mode
    bool hup = false;
    std::string hup_signal;      ///< --hup SIGNAL: auto, no, or a signal's name
    std::string switch_command;  ///< --switch: what points a balancer at another twin
    std::vector<PublicSocket> wait_for;  ///< --wait-for: what must take connections first
    int wait_attempts = 10;      ///< --wait-attempts: how often each is tried, once a second
    int lock_fd = -1;
    int wait_s = 0;
    std::string purpose;         ///< --lock: what for
};

extern const char usage_text[];

/// Throws InputError for whatever is not exactly as the usage text says.
Options parse_options(int argc, const char* const* argv);

}  // namespace twinctl
