// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace twinctl {

/// A TCP socket that the kernel has taken down.
struct EndedSocket {
    inet_diag_sockid id{};    ///< addresses and ports
    std::uint64_t cookie = 0; ///< core/diag_answer.hpp
    bool unanswered = false;  ///< the last data went in, and none went out after that
    bool unread = false;      ///< the service had not read all of it
};

/// What sock_diag(7) tells of a socket that ended (linux/sock_diag.h, SKNLGRP_INET_TCP_DESTROY): an inet_diag_msg, and
/// a tcp_info among its attributes. Nothing where that is missing.
std::optional<EndedSocket> ended_socket(const char* payload, std::size_t length);

/// Counts the connections of clients that end while their last request has no answer, from the moment it is made on. Not
/// those that the client has closed first, which is how a TLS or SSH client says good-bye.
class EndWatch {
public:
    /// Of the connections to PORTS, and of those with COOKIES. Where the kernel does not tell it counts none.
    EndWatch(std::vector<std::uint16_t> ports, std::unordered_set<std::uint64_t> cookies);

    /// So far.
    unsigned unanswered();

private:
    bool is_watched(const EndedSocket& ended) const;
    /// The side that closes first keeps the connection in TIME_WAIT (RFC 9293, 3.6).
    void count_closed_here();

    std::vector<std::uint16_t> ports_;
    std::unordered_set<std::uint64_t> cookies_;
    std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket_;
    std::vector<inet_diag_sockid> unclear_;  ///< unanswered; who closed first is not known yet
    unsigned unanswered_ = 0;
};

}  // namespace twinctl
