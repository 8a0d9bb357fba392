// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace twinctl {

/// One entry of twin_ports: an even base port, and where the service listens on it.
struct Port {
    std::string name;      ///< "main" unless the entry says NAME=
    std::string address;   ///< numeric, without brackets; empty: any
    std::uint16_t base = 0;

    std::uint16_t of(int parity) const { return static_cast<std::uint16_t>(base + parity); }
};

/// The entries of twin_ports, in order: "8080", "127.0.0.1:8080", "[::1]:8080",
/// "http=8080 admin=9090". Throws InputError for an odd or impossible port, an address that is
/// not numeric, a name given twice. Twin P listens on base + P, which is why a base is even.
std::vector<Port> parse_ports(std::string_view text);

/// ADDRESS:PORT, with brackets where the address is IPv6, or the port alone.
std::string endpoint_text(const std::string& address, std::uint16_t port);

}  // namespace twinctl
