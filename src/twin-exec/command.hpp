// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "twin-exec/options.hpp"

namespace twinctl {

/// What is going to be executed: the program's path, and argv.
struct Command {
    std::string path;
    std::vector<std::string> argv;
};

/// The command of OPTIONS, found on PATH, placeholders replaced. Throws Refusal with 126 or 127.
Command resolve_command(const Options& options);

/// Throws Refusal where somebody listens on a port of this twin already.
void check_ports_free(const Options& options);

}  // namespace twinctl
