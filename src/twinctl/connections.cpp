// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/connections.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>

#include <cstring>
#include <functional>
#include <memory>

#include "core/error.hpp"

namespace twinctl {

namespace {

using Visit = std::function<void(const inet_diag_msg&)>;

int visit_message(const nlmsghdr* header, void* data) {
    inet_diag_msg message{};
    if (mnl_nlmsg_get_payload_len(header) >= sizeof message) {
        std::memcpy(&message, mnl_nlmsg_get_payload(header), sizeof message);
        (*static_cast<const Visit*>(data))(message);
    }
    return MNL_CB_OK;
}

/// Dumps the TCP sockets of FAMILY in STATES (a bit each); PORT 0 means any. The kernel itself
/// passes over those of another local port, which makes this cheap beside 100,000 others.
void dump(int family, std::uint32_t states, std::uint16_t port, const Visit& visit) {
    const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket(
        mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC), mnl_socket_close);
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        throw SystemError::from_errno("cannot open sock_diag");
    }
    std::vector<char> buffer(64 * 1024);
    auto* header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    auto* request =
        static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(header, sizeof(inet_diag_req_v2)));
    request->sdiag_family = static_cast<__u8>(family);
    request->sdiag_protocol = IPPROTO_TCP;
    request->idiag_states = states;
    request->id.idiag_sport = htons(port);
    if (mnl_socket_sendto(socket.get(), header, header->nlmsg_len) < 0) {
        throw SystemError::from_errno("cannot ask sock_diag");
    }
    for (;;) {
        const auto length = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
        const int more = length < 0 ? -1
                                    : mnl_cb_run(buffer.data(), static_cast<std::size_t>(length), 0,
                                                 mnl_socket_get_portid(socket.get()),
                                                 visit_message, const_cast<Visit*>(&visit));
        if (more < 0) {
            throw SystemError::from_errno("cannot read sock_diag's answer");
        }
        if (more == MNL_CB_STOP) {
            return;
        }
    }
}

}  // namespace

unsigned count_connections(std::uint16_t port) {
    constexpr std::uint32_t states = (1u << TCP_ESTABLISHED) | (1u << TCP_SYN_RECV) |
                                     (1u << TCP_FIN_WAIT1) | (1u << TCP_FIN_WAIT2) |
                                     (1u << TCP_CLOSE_WAIT) | (1u << TCP_LAST_ACK) |
                                     (1u << TCP_CLOSING);
    unsigned count = 0;
    for (const int family : {AF_INET, AF_INET6}) {
        dump(family, states, port, [&](const inet_diag_msg& message) {
            // Inode 0 is a socket without a file: in the accept queue if it is established or
            // half closed by the peer, else one whose owner has closed it already.
            const bool queued = message.idiag_state == TCP_ESTABLISHED ||
                                message.idiag_state == TCP_CLOSE_WAIT;
            if (message.idiag_inode != 0 || queued) {
                ++count;
            }
        });
    }
    return count;
}

std::vector<ListeningSocket> list_listeners() {
    std::vector<ListeningSocket> listeners;
    for (const int family : {AF_INET, AF_INET6}) {
        dump(family, 1u << TCP_LISTEN, 0, [&](const inet_diag_msg& message) {
            char text[INET6_ADDRSTRLEN] = "";
            inet_ntop(family, message.id.idiag_src, text, sizeof text);
            listeners.push_back({message.idiag_inode, text, ntohs(message.id.idiag_sport)});
        });
    }
    return listeners;
}

}  // namespace twinctl
