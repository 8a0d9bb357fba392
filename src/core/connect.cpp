// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/connect.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <utility>

namespace twinctl {

namespace {

Fd connect_to(const sockaddr* address, socklen_t length, int timeout_ms) {
    Fd fd(socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd || connect(fd.get(), address, length) == 0) {
        return fd;
    }
    pollfd poll_for{fd.get(), POLLOUT, 0};
    int error = 0;
    socklen_t size = sizeof error;
    const bool connected = errno == EINPROGRESS && poll(&poll_for, 1, timeout_ms) == 1 &&
                           getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    return connected ? std::move(fd) : Fd();
}

Fd connect_inet(const char* address, std::uint16_t port, int timeout_ms) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    inet_pton(AF_INET, address, &in.sin_addr);
    return connect_to(reinterpret_cast<const sockaddr*>(&in), sizeof in, timeout_ms);
}

Fd connect_inet6(const char* address, std::uint16_t port, int timeout_ms) {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    inet_pton(AF_INET6, address, &in6.sin6_addr);
    return connect_to(reinterpret_cast<const sockaddr*>(&in6), sizeof in6, timeout_ms);
}

}  // namespace

Fd connect_tcp(const std::string& address, std::uint16_t port, int timeout_ms) {
    if (address == "::") {
        return connect_inet6("::1", port, timeout_ms);
    }
    if (address.find(':') != std::string::npos) {
        return connect_inet6(address.c_str(), port, timeout_ms);
    }
    if (address == "0.0.0.0") {
        return connect_inet("127.0.0.1", port, timeout_ms);
    }
    if (!address.empty()) {
        return connect_inet(address.c_str(), port, timeout_ms);
    }
    auto fd = connect_inet("127.0.0.1", port, timeout_ms);
    return fd ? std::move(fd) : connect_inet6("::1", port, timeout_ms);
}

Fd connect_unix(const std::string& path) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    path.copy(un.sun_path, sizeof un.sun_path - 1);
    return connect_to(reinterpret_cast<const sockaddr*>(&un), sizeof un, 0);
}

bool is_reachable(const PublicSocket& socket, int timeout_ms) {
    return static_cast<bool>(socket.is_unix() ? connect_unix(socket.path)
                                              : connect_tcp(socket.address, socket.port, timeout_ms));
}

}  // namespace twinctl
