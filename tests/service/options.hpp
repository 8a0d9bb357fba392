// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <signal.h>

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity.hpp"
#include "misbehaviours.hpp"

namespace twinctl {

/// A descriptor that whoever started this process opened for it.
struct PassedFd {
    std::string name;
    int fd = -1;
};

struct Options {
    bool help = false;
    std::string address = "127.0.0.1";
    std::optional<std::uint16_t> port;
    std::vector<PassedFd> passed; ///< from --fd and from LISTEN_FDS
    Identity identity;
    int workers = 0; ///< 0: this process serves
    int backlog = 128;
    std::string pid_file;
    int graceful_signal = SIGHUP;
    Misbehaviours misbehaviours;
};

/// Reads the command line and the environment. Throws UsageError.
Options parse_options(int argc, const char* const* argv);

/// The text of --help.
extern const char* const usage_text;

} // namespace twinctl
