// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/sockets.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/diag_answer.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/proc_text.hpp"

namespace twinctl {

namespace {

struct Query {
    int family = AF_INET;
    unsigned char address[16] = {};
    std::uint16_t port = 0;
};

Query make_query(const std::string& address, std::uint16_t port) {
    Query query;
    query.port = port;
    query.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (inet_pton(query.family, address.c_str(), query.address) != 1) {
        throw SystemError("not a numeric address: " + address);
    }
    return query;
}

/// One for all questions: to open a netlink socket costs more than to ask it. Not the one of
/// before a fork(2): two processes that ask through one socket take each other's answers.
int sock_diag_fd() {
    static Fd fd;
    static pid_t owner = 0;
    if (owner != getpid()) {
        owner = getpid();
        fd = Fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    }
    return fd.get();
}

/// -1: inet_diag cannot be had here. 0: nobody listens. 1: OUT holds who does.
int ask_sock_diag(const Query& query, Listener& out) {
    const int fd = sock_diag_fd();
    struct {
        nlmsghdr header;
        inet_diag_req_v2 request;
    } message{};
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST;
    message.request.sdiag_family = static_cast<__u8>(query.family);
    message.request.sdiag_protocol = IPPROTO_TCP;
    message.request.idiag_states = 1u << TCP_LISTEN;
    message.request.id.idiag_sport = htons(query.port);
    std::memcpy(message.request.id.idiag_src, query.address, sizeof query.address);
    message.request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    message.request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (send(fd, &message, sizeof message, 0) != static_cast<ssize_t>(sizeof message)) {
        return -1;
    }
    alignas(nlmsghdr) char reply[4096];
    const auto length = recv(fd, reply, sizeof reply, 0);
    inet_diag_msg found{};
    const int answer = length < 0 ? -1 : read_lookup(reply, static_cast<std::size_t>(length), found);
    out.inode = found.idiag_inode;
    out.queued = found.idiag_rqueue;
    return answer;
}

/// Reads one of /proc/net/tcp, tcp6 (proc(5)).
std::optional<Listener> search_table(const char* path, const Query& query) {
    const auto text = read_table(path);
    if (!text) {
        return {};
    }
    const auto found = find_in_table(*text, query.family, query.address, query.port);
    return found ? std::optional(Listener{found->inode, found->queued}) : std::nullopt;
}

std::optional<Listener> find_at(const std::string& address, std::uint16_t port) {
    const auto query = make_query(address, port);
    Listener found;
    switch (ask_sock_diag(query, found)) {
        case 0: return {};
        case 1: return found;
        default: break;
    }
    if (query.family == AF_INET6) {
        return search_table("/proc/net/tcp6", query);
    }
    if (const auto listener = search_table("/proc/net/tcp", query)) {
        return listener;
    }
    // A dual-stack wildcard takes IPv4 too.
    return search_table("/proc/net/tcp6", make_query("::", port));
}

/// False if the address and port are in use. Linux makes an IPv6 wildcard dual-stack unless
/// net.ipv6.bindv6only says otherwise, which the option does here.
bool try_bind(const Query& query) {
    const Fd fd(socket(query.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) {
        // A kernel without IPv6.
        return query.family == AF_INET6 ? try_bind(make_query("0.0.0.0", query.port)) : true;
    }
    const int yes = 1;
    const int no = 0;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int bound = 0;
    if (query.family == AF_INET) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(query.port);
        std::memcpy(&in.sin_addr, query.address, sizeof in.sin_addr);
        bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in);
    } else {
        setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
        sockaddr_in6 in6{};
        in6.sin6_family = AF_INET6;
        in6.sin6_port = htons(query.port);
        std::memcpy(&in6.sin6_addr, query.address, sizeof in6.sin6_addr);
        bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&in6), sizeof in6);
    }
    return bound == 0 || errno != EADDRINUSE;
}

}  // namespace

std::optional<Listener> find_listener(const std::string& address, std::uint16_t port) {
    if (!address.empty()) {
        return find_at(address, port);
    }
    const auto found = find_listener(address, port, AF_INET);
    return found ? found : find_listener(address, port, AF_INET6);
}

std::optional<Listener> find_listener(const std::string& address, std::uint16_t port, int family) {
    const bool v6 = address.find(':') != std::string::npos;
    if (!address.empty() && v6 == (family == AF_INET6)) {
        return find_at(address, port);
    }
    // A wildcard may be dual-stack, or have another listener of the same name beside it.
    if (address.empty() || address == "0.0.0.0" || address == "::") {
        return find_at(family == AF_INET6 ? "::1" : "127.0.0.1", port);
    }
    return {};
}

bool can_bind(const std::string& address, std::uint16_t port) {
    if (!address.empty()) {
        return try_bind(make_query(address, port));
    }
    // A dual-stack wildcard is free: so is every address, and one socket has told it.
    return try_bind(make_query("::", port)) ||
           (try_bind(make_query("127.0.0.1", port)) && try_bind(make_query("::1", port)));
}

}  // namespace twinctl
