// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdexcept>
#include <string>

namespace twinctl {

/// What the user typed or configured is wrong; nothing has been touched.
/// twinctl exits with 2, twin-exec with 100.
struct InputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The environment failed us: a system call, a missing program, a full disk.
/// twinctl exits with 1, twin-exec with 111.
struct SystemError : std::runtime_error {
    using std::runtime_error::runtime_error;

    /// "WHAT: strerror(errno)".
    static SystemError from_errno(const std::string& what);
    static SystemError from_errno(const std::string& what, int code);
};

}  // namespace twinctl
