// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <libmnl/libmnl.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <string>

namespace twinctl {

// What sock_diag(7) answers to twinctl, read by libmnl.

using VisitHeader = std::function<void(const nlmsghdr*)>;

/// Visits the messages of one part of a dump that was received by the socket with PORT_ID. False
/// after the last message of the dump. Throws SystemError.
bool visit_dump(const void* bytes, std::size_t length, unsigned port_id, const VisitHeader& visit);

/// The fixed part of an answer; the zero one where it is shorter.
template <typename Message>
Message message_of(const nlmsghdr* header) {
    Message message{};
    if (mnl_nlmsg_get_payload_len(header) >= sizeof message) {
        std::memcpy(&message, mnl_nlmsg_get_payload(header), sizeof message);
    }
    return message;
}

/// The path that the Unix socket, or the listener it was accepted from, is bound to.
std::string unix_path(const nlmsghdr* header);

}  // namespace twinctl
