// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/sock_diag.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/diag_answer.hpp"
#include "core/error.hpp"
#include "core/files.hpp"

namespace twinctl {

namespace {

/// Asks for a dump by REQUEST, and visits each message of the answer.
template <typename Request>
void dump(const Request& request, const VisitMessage& visit) {
    // One of its own each time: the rest of a dump that an exception has cut short would be taken
    // for the answer to the next question.
    const Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    struct {
        nlmsghdr header;
        Request request;
    } message{};
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.request = request;
    if (!fd || send(fd.get(), &message, sizeof message, 0) != static_cast<ssize_t>(sizeof message)) {
        throw SystemError::from_errno("cannot ask sock_diag");
    }
    std::vector<char> buffer(32 * 1024);
    for (bool more = true; more;) {
        const auto length = recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            throw SystemError::from_errno("cannot read sock_diag's answer");
        }
        more = visit_answer(buffer.data(), static_cast<std::size_t>(length), visit);
    }
}

}  // namespace

void visit_tcp_sockets(std::uint16_t port, std::uint32_t states,
                       const std::function<void(const inet_diag_msg&)>& visit) {
    for (const int family : {AF_INET, AF_INET6}) {
        inet_diag_req_v2 request{};
        request.sdiag_family = static_cast<__u8>(family);
        request.sdiag_protocol = IPPROTO_TCP;
        request.idiag_states = states;
        request.id.idiag_sport = htons(port);
        dump(request, [&](const char* payload, std::size_t length) {
            inet_diag_msg message{};
            if (length >= sizeof message) {
                std::memcpy(&message, payload, sizeof message);
                visit(message);
            }
        });
    }
}

void visit_unix_listeners(const std::function<void(std::uint64_t inode, std::string_view name,
                                                   const std::optional<SocketFile>& file)>& visit) {
    unix_diag_req request{};
    request.sdiag_family = AF_UNIX;
    request.udiag_states = 1u << TCP_LISTEN;  // the states are TCP's (net/unix/diag.c)
    request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS;
    dump(request, [&](const char* payload, std::size_t length) {
        unix_diag_msg message{};
        if (length >= sizeof message) {
            std::memcpy(&message, payload, sizeof message);
            const char* attributes = payload + sizeof message;
            visit(message.udiag_ino, unix_name(attributes, length - sizeof message),
                  unix_file(attributes, length - sizeof message));
        }
    });
}

}  // namespace twinctl
