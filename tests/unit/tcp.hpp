// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.hpp"

// TCP for the tests that need the real thing. ADDRESS is numeric.

enum class Stack { Own, Dual };

/// Port 0: any. PROTOCOL 0: TCP. Dual lets an IPv6 wildcard take IPv4 too. Empty if it cannot be had.
twinctl::Fd listen_at(const std::string& address, std::uint16_t port, Stack stack = Stack::Own,
                      int protocol = 0);

std::uint16_t port_of(const twinctl::Fd& socket);

/// Empty if the connection was refused.
twinctl::Fd connect_to(const std::string& address, std::uint16_t port);

/// Connects, and says which of LISTENERS was given the connection; -1: it was refused, -2: none.
int reached(const std::string& address, std::uint16_t port,
            const std::vector<const twinctl::Fd*>& listeners);
