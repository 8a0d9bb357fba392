// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>

#include "core/layout.hpp"

namespace twinctl {

/// Takes flock(2) LOCK_EX on FD, which is open for writing on the pair's lock file, without
/// waiting, and notes in the file who holds it: process PID, doing WHAT. False if it is taken.
bool take_pair_lock(int fd, pid_t pid, const std::string& what);

/// Whether the process that took the pair's lock for WHAT still lives.
bool is_pair_lock_held_for(const Layout& layout, const std::string& pair, const std::string& what);

/// Whether a living twinctl has the pair's lock, for whatever it may be.
bool is_pair_lock_held_by_twinctl(const Layout& layout, const std::string& pair);

/// Whether `twinctl adopt` is at the pair: somebody else listens at the public port, and gives it up; who
/// steers it away from him is twinctl, when the pair is ready.
bool is_adopting(const Layout& layout, const std::string& pair);

/// "NAME is being changed by WHAT (pid N)", from the lock file.
std::string describe_holder(const Layout& layout, const std::string& pair);

}  // namespace twinctl
