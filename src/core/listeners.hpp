// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/files.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// A new TCP listener. An empty address means any, of IPv4 and IPv6 in one socket. Throws
/// SystemError; an address in use is one with errno EADDRINUSE.
Fd listen_tcp(const std::string& address, std::uint16_t port);

/// A new listener for SOCKET. A file of a Unix socket that nobody listens at any more is replaced.
/// Everybody who can reach the path may connect: its directory is what restricts it.
Fd listen_public(const PublicSocket& socket);

/// The inode of the socket that listens for SOCKET, whoever has it; nothing if nobody does.
std::optional<std::uint64_t> find_public_listener(const PublicSocket& socket);

/// Whether FD is a socket in LISTEN: one that was shut down is not.
bool is_listening(int fd);

/// Whether PROCESS or a descendant holds the socket and waits for connections at it, in epoll,
/// poll, select, accept or io_uring. A socket that was handed to a service listens before the
/// service looks at it: this tells when it does.
bool is_waiting_at(const ProcessId& process, std::uint64_t inode);

/// Whether PROCESS or a descendant holds a TCP connection that was accepted at PORT: one that is
/// too busy to be seen waiting.
bool has_accepted_at(const ProcessId& process, std::uint16_t port);

/// Removes the file of a Unix SOCKET that nobody listens at. True if it did.
bool remove_stale_socket(const std::string& path);

}  // namespace twinctl
