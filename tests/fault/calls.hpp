// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twinctl {

/// A system call that changes the world outside of its process.
struct Change {
    std::string call;
    std::vector<std::string> paths;  ///< that it names or writes to, from the root
};

/// Whether a call about to be made changes the world. PID is stopped at its entry.
std::optional<Change> change_of(pid_t pid, std::uint64_t number, const std::uint64_t (&args)[6]);

bool is_known_call(const std::string& name);

}  // namespace twinctl
