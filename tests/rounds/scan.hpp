// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace twinctl {

/// A process, as /proc has it.
struct Seen {
    pid_t pid = 0;
    pid_t parent = 0;
    std::string comm;
    std::vector<std::string> argv;
};

/// All processes but zombies and kernel threads. One that ends meanwhile may be missing.
std::vector<Seen> scan_processes();

/// Whether it is a service, or on its way to become one: such a process outlives what started it.
bool is_service(const Seen& process);

/// Whether it is a command of twinctl's or OpenRC's, or a helper of one: none outlives a round.
bool is_command(const Seen& process);

/// PID and its descendants in PROCESSES.
std::vector<Seen> tree_of(const std::vector<Seen>& processes, pid_t pid);

/// The value of a variable in the environment that PID was started with, or "".
std::string variable_of(pid_t pid, const std::string& name);

/// "PID COMMAND LINE" for messages.
std::string to_text(const Seen& process);

}  // namespace twinctl
