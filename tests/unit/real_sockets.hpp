// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
// Short names for the sockets that a test needs.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "catch.hpp"
#include "core/files.hpp"
#include "twinctl/drain_watch.hpp"

namespace twinctl {

struct Address {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    std::uint16_t port() const {
        sockaddr_in in{};
        std::memcpy(&in, &storage, sizeof in);
        return ntohs(in.sin_port);
    }
};

inline Address ipv4(const char* text = "127.0.0.1", std::uint16_t port = 0) {
    Address address;
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    inet_pton(AF_INET, text, &in->sin_addr);
    address.length = sizeof *in;
    return address;
}

inline Address ipv6() {
    Address address;
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_loopback;
    address.length = sizeof *in6;
    return address;
}

inline Address unix_path(const std::string& path) {
    Address address;
    auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
    un->sun_family = AF_UNIX;
    path.copy(un->sun_path, sizeof un->sun_path - 1);
    address.length = sizeof *un;
    return address;
}

inline Fd open_socket(int family, int type = SOCK_STREAM) {
    return Fd(socket(family, type | SOCK_CLOEXEC, 0));
}

/// A listening socket and its clients' ends.
struct Server {
    Address address;
    Fd listener;

    explicit Server(Address at = ipv4())
        : address(at), listener(open_socket(at.storage.ss_family)) {
        REQUIRE(bind(listener.get(), address.get(), address.length) == 0);
        REQUIRE(listen(listener.get(), 16) == 0);
        address.length = sizeof address.storage;
        REQUIRE(getsockname(listener.get(), address.get(), &address.length) == 0);
    }

    ServedAt served() const { return {{address.port()}, {}}; }

    Fd connect() {
        Fd client = open_socket(address.storage.ss_family);
        REQUIRE(::connect(client.get(), address.get(), address.length) == 0);
        return client;
    }

    std::uint64_t inode() const {
        struct stat info {};
        REQUIRE(fstat(listener.get(), &info) == 0);
        return info.st_ino;
    }

    Fd accept() const { return Fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
};

}  // namespace twinctl
