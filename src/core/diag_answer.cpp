// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/diag_answer.hpp"

#include <linux/netlink.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>

#include "core/error.hpp"

namespace twinctl {

namespace {

/// The error in the message of LENGTH bytes at AT, a positive number; EBADMSG where it is cut short.
int reported_error(const char* at, std::size_t length) {
    int error = 0;
    static_assert(offsetof(nlmsgerr, error) == 0);
    if (length < NLMSG_HDRLEN + sizeof error) {
        return EBADMSG;
    }
    std::memcpy(&error, at + NLMSG_HDRLEN, sizeof error);
    return error <= 0 && error > INT_MIN ? -error : EBADMSG;
}

}  // namespace

bool visit_answer(const char* at, std::size_t left, const VisitMessage& visit) {
    nlmsghdr header{};
    while (left >= sizeof header) {
        std::memcpy(&header, at, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > left) {
            throw SystemError("cannot read sock_diag's answer");
        }
        if (header.nlmsg_type == NLMSG_DONE) {
            return false;
        }
        if (header.nlmsg_type == NLMSG_ERROR) {
            throw SystemError::from_errno("sock_diag fails", reported_error(at, header.nlmsg_len));
        }
        visit(at + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
        at += step;
        left -= step < left ? step : left;
    }
    return true;
}

std::uint64_t socket_cookie(const inet_diag_msg& message) {
    return static_cast<std::uint64_t>(message.id.idiag_cookie[1]) << 32 | message.id.idiag_cookie[0];
}

std::string_view diag_attribute(const char* at, std::size_t left, int type) {
    nlattr attribute{};
    while (left >= sizeof attribute) {
        std::memcpy(&attribute, at, sizeof attribute);
        if (attribute.nla_len < sizeof attribute || attribute.nla_len > left) {
            break;
        }
        if (attribute.nla_type == type) {
            return {at + NLA_HDRLEN, attribute.nla_len - std::size_t{NLA_HDRLEN}};
        }
        const std::size_t step = NLA_ALIGN(attribute.nla_len);
        at += step;
        left -= step < left ? step : left;
    }
    return {};
}

std::string_view unix_name(const char* bytes, std::size_t length) {
    const auto name = diag_attribute(bytes, length, UNIX_DIAG_NAME);
    return name.ends_with('\0') ? name.substr(0, name.size() - 1) : name;
}

std::optional<SocketFile> unix_file(const char* bytes, std::size_t length) {
    unix_diag_vfs file{};
    const auto value = diag_attribute(bytes, length, UNIX_DIAG_VFS);
    if (value.size() < sizeof file) {
        return {};
    }
    std::memcpy(&file, value.data(), sizeof file);
    return SocketFile{file.udiag_vfs_ino, file.udiag_vfs_dev};
}

int read_lookup(const char* bytes, std::size_t length, inet_diag_msg& found) {
    nlmsghdr header{};
    if (length < sizeof header) {
        return -1;
    }
    std::memcpy(&header, bytes, sizeof header);
    if (header.nlmsg_type == NLMSG_ERROR) {
        // The lookup itself ran, and found no socket.
        return reported_error(bytes, length) == ENOENT ? 0 : -1;
    }
    if (length < NLMSG_HDRLEN + sizeof found) {
        return -1;
    }
    std::memcpy(&found, bytes + NLMSG_HDRLEN, sizeof found);
    return found.idiag_state == TCP_LISTEN ? 1 : 0;
}

}  // namespace twinctl
