// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

#include "core/files.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// A connection to ADDRESS:PORT, non-blocking; empty where it is not made within TIMEOUT_MS. A
/// wildcard, or no address, means the loopback, where one of the two families has to do.
Fd connect_tcp(const std::string& address, std::uint16_t port, int timeout_ms);

/// The same for a Unix stream socket; one with a full queue is not waited for.
Fd connect_unix(const std::string& path);

/// Whether somebody takes connections at SOCKET.
bool is_reachable(const PublicSocket& socket, int timeout_ms);

}  // namespace twinctl
