// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
// System calls of the program under test, seen or answered by a test: syscalls.cpp stands before the C library's.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace twinctl {

/// What was written out to the disk since this was cleared: "file", "directory", "file system".
extern std::vector<std::string> synced;

/// Answers pidfd_getfd(2) in place of the kernel, where it is set: a descriptor.
extern std::function<int()> taken_instead;

}  // namespace twinctl
