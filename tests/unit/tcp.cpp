// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "tcp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>

using twinctl::Fd;

namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    Address(const std::string& text, std::uint16_t port) {
        sockaddr_in in{};
        sockaddr_in6 in6{};
        if (inet_pton(AF_INET, text.c_str(), &in.sin_addr) == 1) {
            in.sin_family = AF_INET;
            in.sin_port = htons(port);
            size = sizeof in;
            std::memcpy(&storage, &in, size);
        } else if (inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr) == 1) {
            in6.sin6_family = AF_INET6;
            in6.sin6_port = htons(port);
            size = sizeof in6;
            std::memcpy(&storage, &in6, size);
        }
    }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

}  // namespace

Fd listen_at(const std::string& text, std::uint16_t port, Stack stack, int protocol) {
    const Address address(text, port);
    Fd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    const int yes = 1;
    const int only = stack == Stack::Own ? 1 : 0;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    if (!fd || bind(fd.get(), address.get(), address.size) != 0 || listen(fd.get(), 64) != 0) {
        return {};
    }
    return fd;
}

std::uint16_t port_of(const Fd& socket) {
    sockaddr_in6 in6{};
    socklen_t size = sizeof in6;
    // The port stands in the same place for both families.
    getsockname(socket.get(), reinterpret_cast<sockaddr*>(&in6), &size);
    return ntohs(in6.sin6_port);
}

Fd connect_to(const std::string& text, std::uint16_t port) {
    const Address address(text, port);
    Fd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(fd.get(), address.get(), address.size) != 0) {
        return {};
    }
    return fd;
}

int reached(const std::string& address, std::uint16_t port, const std::vector<const Fd*>& listeners) {
    const auto client = connect_to(address, port);
    if (!client) {
        return -1;
    }
    std::vector<pollfd> waiting;
    for (const auto* listener : listeners) {
        waiting.push_back({listener->get(), POLLIN, 0});
    }
    poll(waiting.data(), waiting.size(), 2000);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        const Fd accepted((waiting[i].revents & POLLIN) != 0
                              ? accept4(listeners[i]->get(), nullptr, nullptr, SOCK_CLOEXEC)
                              : -1);
        if (accepted) {
            return static_cast<int>(i);
        }
    }
    return -2;
}
