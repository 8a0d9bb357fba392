// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/layout.hpp"
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

/// To be in the namespaces of PAIR, of which TWIN serves: a sibling that this process starts would be in its own.
std::string why_elsewhere(const Layout& layout, const std::string& pair, const std::string& twin);

/// To take a listening socket out of another process: pidfd_getfd(2), which yama(7) or a seccomp filter may forbid.
std::string why_no_taking();

}  // namespace twinctl
