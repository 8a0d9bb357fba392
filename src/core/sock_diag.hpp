// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <linux/inet_diag.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/diag_answer.hpp"

namespace twinctl {

/// Visits the TCP sockets with local port PORT, of both families, that are in one of STATES (a
/// bit each, 1 << TCP_LISTEN ...), by sock_diag(7). The kernel itself passes over those of another
/// port, which makes this cheap beside 100,000 others. Throws SystemError.
void visit_tcp_sockets(std::uint16_t port, std::uint32_t states,
                       const std::function<void(const inet_diag_msg&)>& visit);

/// Visits the Unix stream sockets in LISTEN with their inodes, the names they were bound to, and the files. Throws
/// SystemError.
void visit_unix_listeners(const std::function<void(std::uint64_t inode, std::string_view name,
                                                   const std::optional<SocketFile>& file)>& visit);

}  // namespace twinctl
