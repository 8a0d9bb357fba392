// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <linux/inet_diag.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace twinctl {

// What sock_diag(7) answers, without asking it: each takes the bytes that were received.

using VisitMessage = std::function<void(const char* payload, std::size_t length)>;

/// Visits the messages of one part of a dump. False after the last message of the dump. Throws
/// SystemError for an error that the kernel reports, and for what is no answer.
bool visit_answer(const char* bytes, std::size_t length, const VisitMessage& visit);

/// The number that the kernel gives to one socket only.
std::uint64_t socket_cookie(const inet_diag_msg& message);

/// The value of the attribute of this type among those in BYTES, or nothing.
std::string_view diag_attribute(const char* bytes, std::size_t length, int type);

/// The attribute UNIX_DIAG_NAME among those in BYTES, without the zero that may end it.
std::string_view unix_name(const char* bytes, std::size_t length);

/// The file that a Unix socket is bound to, as the kernel counts: the lower 32 bits of its inode, and its device with
/// the major number from bit 20 on (dev_t of the kernel, linux/kdev_t.h).
struct SocketFile {
    std::uint32_t inode = 0;
    std::uint32_t device = 0;

    bool operator==(const SocketFile&) const = default;
};

/// The attribute UNIX_DIAG_VFS among those in BYTES.
std::optional<SocketFile> unix_file(const char* bytes, std::size_t length);

/// The answer to a lookup of one socket: -1 where that cannot be had, 0 where there is none, 1
/// where FOUND is one in LISTEN.
int read_lookup(const char* bytes, std::size_t length, inet_diag_msg& found);

}  // namespace twinctl
