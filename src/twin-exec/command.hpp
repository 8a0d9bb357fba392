// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "twin-exec/options.hpp"

namespace twinctl {

/// What is going to be executed: the program's path, and argv.
struct Command {
    std::string path;
    std::vector<std::string> argv;
};

/// The command of OPTIONS, found on PATH, placeholders replaced; FDS are the names of the sockets
/// it is handed. Throws Refusal with 126 or 127.
Command resolve_command(const Options& options, const std::vector<std::string>& fds);

/// Throws Refusal where somebody listens already on a parity port of this twin.
void check_ports_free(const Options& options);

/// The end of the sentence "port N is taken": by whom, where that can be seen.
std::string taken_by(const std::string& address, std::uint16_t number);

}  // namespace twinctl
