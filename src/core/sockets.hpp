// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace twinctl {

/// A socket in LISTEN.
struct Listener {
    std::uint64_t inode = 0;
    std::uint32_t queued = 0;  ///< connections that wait for accept(2) (idiag_rqueue)
};

/// The TCP listener that a connection to ADDRESS:PORT would reach, or nothing. An empty address
/// means the loopback, IPv4 before IPv6, where a wildcard listener is found too.
///
/// One exact sock_diag(7) lookup, the same cost whatever the number of sockets. Where inet_diag
/// cannot be had the tables in /proc/net are read. Throws SystemError if neither works.
std::optional<Listener> find_listener(const std::string& address, std::uint16_t port);

/// The same in one family, AF_INET or AF_INET6: what listens on ADDRESS; for an empty address, or
/// the wildcard of the other family, what a connection to the loopback would reach. Nothing where
/// the address is of the other family.
std::optional<Listener> find_listener(const std::string& address, std::uint16_t port, int family);

/// Whether a service that sets SO_REUSEADDR, as they all do, could bind ADDRESS:PORT now. Half
/// the cost of find_listener, and sees a client that was given the port, too. An empty address
/// means both loopbacks; an address that this machine does not have yet is nobody's.
bool can_bind(const std::string& address, std::uint16_t port);

}  // namespace twinctl
