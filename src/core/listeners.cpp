// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/listeners.hpp"

#include <arpa/inet.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/diag_answer.hpp"
#include "core/error.hpp"
#include "core/ports.hpp"
#include "core/sock_diag.hpp"
#include "core/sockets.hpp"

namespace twinctl {

namespace {

/// The kernel cuts it to net.core.somaxconn (listen(2)).
constexpr int backlog = 4096;

void set(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}

Fd new_socket(int family) {
    return Fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

void bind_and_listen(const Fd& fd, const sockaddr* address, socklen_t length,
                     const std::string& text) {
    if (bind(fd.get(), address, length) != 0 || listen(fd.get(), backlog) != 0) {
        throw SystemError::from_errno("cannot listen on " + text);
    }
}

Fd listen_inet6(const in6_addr& address, std::uint16_t port, bool only, const std::string& text) {
    auto fd = new_socket(AF_INET6);
    if (!fd) {
        throw SystemError::from_errno("cannot listen on " + text);
    }
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, only ? 1 : 0);
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    in6.sin6_addr = address;
    bind_and_listen(fd, reinterpret_cast<const sockaddr*>(&in6), sizeof in6, text);
    return fd;
}

bool has_ipv6() {
    return static_cast<bool>(new_socket(AF_INET6));
}

Fd listen_unix(const std::string& path) {
    auto fd = new_socket(AF_UNIX);
    if (!fd) {
        throw SystemError::from_errno("cannot make a Unix socket");
    }
    remove_stale_socket(path);
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, path.c_str(), std::min(path.size() + 1, sizeof un.sun_path - 1));
    const mode_t mask = umask(0111);
    const int bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&un), sizeof un);
    const int error = errno;
    umask(mask);
    if (bound != 0 || listen(fd.get(), backlog) != 0) {
        throw SystemError::from_errno("cannot listen on unix:" + path, bound != 0 ? error : errno);
    }
    return fd;
}

/// Whether stat(2) is told another device, or another inode, of a file there than sock_diag(7).
bool is_told_otherwise(const std::string& path) {
    struct statfs info {};
    return statfs(path.c_str(), &info) == 0 &&
           (info.f_type == OVERLAYFS_SUPER_MAGIC || info.f_type == BTRFS_SUPER_MAGIC);
}

/// By the file at PATH. The kernel's table has names as they were bound: by anybody in the network namespace, at a file
/// that may be gone, or that is in a mount namespace of his own.
std::optional<std::uint64_t> find_unix_listener(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) {
        return {};
    }
    const SocketFile wanted{static_cast<std::uint32_t>(info.st_ino), (major(info.st_dev) << 20) | minor(info.st_dev)};
    std::optional<std::uint64_t> found;
    std::vector<std::uint64_t> of_that_name;
    visit_unix_listeners([&](std::uint64_t inode, std::string_view name, const std::optional<SocketFile>& file) {
        if (file == wanted) {
            found = inode;
        } else if (name == path) {
            of_that_name.push_back(inode);
        }
    });
    return found || of_that_name.size() != 1 || !is_told_otherwise(path) ? found : of_that_name.front();
}

}  // namespace

Fd listen_tcp(const std::string& address, std::uint16_t port) {
    const auto text = "port " + endpoint_text(address, port);
    in6_addr address6 = in6addr_any;
    if (address.empty() && has_ipv6()) {
        return listen_inet6(address6, port, false, text);
    }
    if (inet_pton(AF_INET6, address.c_str(), &address6) == 1) {
        return listen_inet6(address6, port, true, text);
    }
    auto fd = new_socket(AF_INET);
    if (!fd) {
        throw SystemError::from_errno("cannot listen on " + text);
    }
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    inet_pton(AF_INET, address.empty() ? "0.0.0.0" : address.c_str(), &in.sin_addr);
    bind_and_listen(fd, reinterpret_cast<const sockaddr*>(&in), sizeof in, text);
    return fd;
}

Fd listen_public(const PublicSocket& socket) {
    return socket.is_unix() ? listen_unix(socket.path) : listen_tcp(socket.address, socket.port);
}

std::optional<std::uint64_t> find_public_listener(const PublicSocket& socket) {
    if (socket.is_unix()) {
        return find_unix_listener(socket.path);
    }
    const auto listener = find_listener(socket.address, socket.port);
    return listener ? std::optional(listener->inode) : std::nullopt;
}

bool is_listening(int fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

bool remove_stale_socket(const std::string& path) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode) || find_unix_listener(path)) {
        return false;
    }
    return unlink(path.c_str()) == 0;
}

}  // namespace twinctl
