// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/error.hpp"

#include <cerrno>
#include <cstring>

namespace twinctl {

SystemError SystemError::from_errno(const std::string& what) {
    return from_errno(what, errno);
}

SystemError SystemError::from_errno(const std::string& what, int code) {
    return SystemError(what + ": " + std::strerror(code));
}

}  // namespace twinctl
