// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// Whether a connection could be meant for either. bind(2) refuses the one while somebody listens at the other.
bool overlap(const PublicSocket& one, const PublicSocket& other);

/// The inodes of the TCP listeners at which clients of SOCKET come in as well, whatever their exact address.
std::vector<std::uint64_t> listeners_within(const PublicSocket& socket);

/// Another pair that steers what overlaps SOCKET, as "site, which has 127.0.0.2:80"; empty where there is none.
/// It has no listener that could be found there.
std::string pair_that_has(const Layout& layout, const std::string& pair, const PublicSocket& socket);

}  // namespace twinctl
