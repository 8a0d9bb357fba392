// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/process.hpp"

namespace twinctl {

// What a swap needs of the kernel and of the container, beside the endpoint's own. Each says why it cannot be had; empty
// where it can.

/// sock_diag(7), by which connections are found and counted: the kernel's inet_diag.
std::string why_no_sock_diag();

/// To look into the descriptors of PROCESS (CAP_SYS_PTRACE, where it is another user's).
std::string why_no_sight(const ProcessId& process);

/// The namespaces of this process, one line (readlink of /proc/self/ns/...).
std::string own_namespaces();

/// To run in the NAMESPACES that TWIN was started in: a sibling takes over those of whoever starts it.
std::string why_elsewhere(const std::string& twin, const std::string& namespaces);

/// To take a listening socket out of another process: pidfd_getfd(2), which yama(7) or a seccomp filter may forbid.
std::string why_no_taking();

}  // namespace twinctl
