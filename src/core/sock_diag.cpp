// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/sock_diag.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"

namespace twinctl {

namespace {

using Visit = std::function<void(const inet_diag_msg&)>;

void ask(const Fd& fd, int family, std::uint16_t port, std::uint32_t states) {
    struct {
        nlmsghdr header;
        inet_diag_req_v2 request;
    } message{};
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.request.sdiag_family = static_cast<__u8>(family);
    message.request.sdiag_protocol = IPPROTO_TCP;
    message.request.idiag_states = states;
    message.request.id.idiag_sport = htons(port);
    if (send(fd.get(), &message, sizeof message, 0) != static_cast<ssize_t>(sizeof message)) {
        throw SystemError::from_errno("cannot ask sock_diag");
    }
}

/// False after the last message of the dump.
bool visit_messages(const char* at, std::size_t left, const Visit& visit) {
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
            nlmsgerr error{};
            std::memcpy(&error, at + NLMSG_HDRLEN, sizeof error);
            throw SystemError::from_errno("sock_diag fails", -error.error);
        }
        if (header.nlmsg_len >= NLMSG_HDRLEN + sizeof(inet_diag_msg)) {
            inet_diag_msg message{};
            std::memcpy(&message, at + NLMSG_HDRLEN, sizeof message);
            visit(message);
        }
        const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
        at += step;
        left -= step < left ? step : left;
    }
    return true;
}

}  // namespace

void visit_tcp_sockets(std::uint16_t port, std::uint32_t states, const Visit& visit) {
    // One of its own each time: the rest of a dump that an exception has cut short would be taken
    // for the answer to the next question.
    const Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!fd) {
        throw SystemError::from_errno("cannot open sock_diag");
    }
    std::vector<char> buffer(32 * 1024);
    for (const int family : {AF_INET, AF_INET6}) {
        ask(fd, family, port, states);
        for (bool more = true; more;) {
            const auto length = recv(fd.get(), buffer.data(), buffer.size(), 0);
            if (length < 0 && errno == EINTR) {
                continue;
            }
            if (length <= 0) {
                throw SystemError::from_errno("cannot read sock_diag's answer");
            }
            more = visit_messages(buffer.data(), static_cast<std::size_t>(length), visit);
        }
    }
}

}  // namespace twinctl
