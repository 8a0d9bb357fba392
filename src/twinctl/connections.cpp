// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/connections.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "core/diag_answer.hpp"
#include "core/error.hpp"

namespace twinctl {

namespace {

/// The fixed part of an answer; the zero one where it is shorter.
template <typename Message>
Message message_of(const char* payload, std::size_t length) {
    Message message{};
    if (length >= sizeof message) {
        std::memcpy(&message, payload, sizeof message);
    }
    return message;
}

/// Asks sock_diag(7) for all sockets that REQUEST describes.
template <typename Request>
void dump(const Request& request, const VisitMessage& visit) {
    const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket(
        mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC), mnl_socket_close);
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        throw SystemError::from_errno("cannot open sock_diag");
    }
    std::vector<char> buffer(64 * 1024);
    auto* header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    std::memcpy(mnl_nlmsg_put_extra_header(header, sizeof request), &request, sizeof request);
    if (mnl_socket_sendto(socket.get(), header, header->nlmsg_len) < 0) {
        throw SystemError::from_errno("cannot ask sock_diag");
    }
    for (;;) {
        const auto length = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
        if (length < 0) {
            throw SystemError::from_errno("cannot read sock_diag's answer");
        }
        if (!visit_answer(buffer.data(), static_cast<std::size_t>(length), visit)) {
            return;
        }
    }
}

/// The TCP sockets in STATES (a bit each), IPv4 and IPv6; PORT 0 means any. The kernel itself
/// passes over those of another local port, which makes this cheap beside 100,000 others.
void dump_tcp(std::uint32_t states, std::uint16_t port,
              const std::function<void(const inet_diag_msg&)>& visit) {
    for (const int family : {AF_INET, AF_INET6}) {
        inet_diag_req_v2 request{};
        request.sdiag_family = static_cast<__u8>(family);
        request.sdiag_protocol = IPPROTO_TCP;
        request.idiag_states = states;
        request.id.idiag_sport = htons(port);
        dump(request, [&](const char* payload, std::size_t length) {
            visit(message_of<inet_diag_msg>(payload, length));
        });
    }
}

// All that a descriptor may hold, and none of what is over: CLOSE and TIME_WAIT.
constexpr std::uint32_t connected = (1u << TCP_ESTABLISHED) | (1u << TCP_SYN_RECV) |
                                    (1u << TCP_FIN_WAIT1) | (1u << TCP_FIN_WAIT2) |
                                    (1u << TCP_CLOSE_WAIT) | (1u << TCP_LAST_ACK) |
                                    (1u << TCP_CLOSING);

}  // namespace

unsigned count_connections(std::uint16_t port) {
    unsigned count = 0;
    dump_tcp(connected, port, [&](const inet_diag_msg& message) {
        // Inode 0 is a socket without a file: in the accept queue if it is established or
        // half closed by the peer, else one whose owner has closed it already.
        const bool queued =
            message.idiag_state == TCP_ESTABLISHED || message.idiag_state == TCP_CLOSE_WAIT;
        if (message.idiag_inode != 0 || queued) {
            ++count;
        }
    });
    return count;
}

std::vector<std::uint64_t> tcp_connections(std::uint16_t port) {
    std::vector<std::uint64_t> inodes;
    dump_tcp(connected, port, [&](const inet_diag_msg& message) {
        if (message.idiag_inode != 0) {
            inodes.push_back(message.idiag_inode);
        }
    });
    return inodes;
}

std::unordered_set<std::uint64_t> tcp_cookies(std::uint16_t port, const std::unordered_set<std::uint64_t>& inodes) {
    std::unordered_set<std::uint64_t> cookies;
    dump_tcp(connected, port, [&](const inet_diag_msg& message) {
        if (inodes.count(message.idiag_inode) != 0) {
            cookies.insert(socket_cookie(message));
        }
    });
    return cookies;
}

std::vector<std::uint64_t> unix_connections(const std::vector<std::string>& paths) {
    unix_diag_req request{};
    request.sdiag_family = AF_UNIX;
    request.udiag_states = 1u << TCP_ESTABLISHED;
    request.udiag_show = UDIAG_SHOW_NAME;
    std::vector<std::uint64_t> inodes;
    dump(request, [&](const char* payload, std::size_t length) {
        const auto message = message_of<unix_diag_msg>(payload, length);
        if (message.udiag_type == SOCK_STREAM && message.udiag_ino != 0 &&
            std::find(paths.begin(), paths.end(),
                      unix_name(payload + sizeof message, length - sizeof message)) != paths.end()) {
            inodes.push_back(message.udiag_ino);
        }
    });
    return inodes;
}

std::vector<ListeningSocket> list_listeners() {
    std::vector<ListeningSocket> listeners;
    dump_tcp(1u << TCP_LISTEN, 0, [&](const inet_diag_msg& message) {
        char text[INET6_ADDRSTRLEN] = "";
        inet_ntop(message.idiag_family, message.id.idiag_src, text, sizeof text);
        listeners.push_back({message.idiag_inode, text, ntohs(message.id.idiag_sport)});
    });
    return listeners;
}

}  // namespace twinctl
