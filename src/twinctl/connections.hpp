// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace twinctl {

/// TCP connections to local PORT that some process still has open, or that wait for their
/// accept(2): not those in TIME_WAIT, and not what the kernel finishes by itself.
unsigned count_connections(std::uint16_t port);

/// The inodes of the TCP connections to local PORT that some process has open.
std::vector<std::uint64_t> tcp_connections(std::uint16_t port);

/// The cookies (core/diag_answer.hpp) of those among them that have one of INODES.
std::unordered_set<std::uint64_t> tcp_cookies(std::uint16_t port, const std::unordered_set<std::uint64_t>& inodes);

/// The inodes of the Unix stream connections that some process has accepted at one of PATHS.
std::vector<std::uint64_t> unix_connections(const std::vector<std::string>& paths);

struct ListeningSocket {
    std::uint64_t inode = 0;
    std::string address;
    std::uint16_t port = 0;
};

/// Every TCP socket in LISTEN of this network namespace.
std::vector<ListeningSocket> list_listeners();

}  // namespace twinctl
