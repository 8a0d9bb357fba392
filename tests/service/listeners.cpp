// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "listeners.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "usage_error.hpp"

namespace twinctl {

namespace {

constexpr int wrong_port_distance = 100;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = sizeof(sockaddr_storage);

    sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
    in_port_t& port()
    {
        return storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(storage).sin_port;
    }
};

[[noreturn]] void fail(const std::string& what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

SocketAddress address_from_text(const std::string& text, std::uint16_t port)
{
    SocketAddress address;
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        address.storage.ss_family = AF_INET;
        address.length = sizeof(sockaddr_in);
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        address.storage.ss_family = AF_INET6;
        address.length = sizeof(sockaddr_in6);
    } else {
        throw UsageError("--address: an IPv4 or IPv6 address expected, not '" + text + "'");
    }
    address.port() = htons(port);
    return address;
}

SocketAddress address_of_socket(int fd)
{
    SocketAddress address;
    if (::getsockname(fd, address.generic(), &address.length) != 0) {
        fail("descriptor " + std::to_string(fd));
    }
    return address;
}

std::string text_of(SocketAddress& address)
{
    char text[INET6_ADDRSTRLEN] = "";
    const std::string port = std::to_string(ntohs(address.port()));
    if (address.storage.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        return std::string(text) + ':' + port;
    }
    if (address.storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        return '[' + std::string(text) + "]:" + port;
    }
    std::string path(reinterpret_cast<const sockaddr_un&>(address.storage).sun_path,
                     address.length - offsetof(sockaddr_un, sun_path));
    if (path.starts_with('\0')) {
        path.front() = '@'; // unix(7): an abstract name, which ss(8) shows so
    }
    return "unix:" + path.substr(0, path.find('\0'));
}

Listener listen_at(const std::string& name, SocketAddress address, int backlog)
{
    const std::string text = text_of(address);
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!fd.valid() || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(fd.get(), address.generic(), address.length) != 0 ||
        ::listen(fd.get(), backlog) != 0) {
        fail("cannot listen on " + text);
    }
    return {name, std::move(fd), address.storage.ss_family, text};
}

int socket_option(int fd, int option)
{
    int value = 0;
    socklen_t length = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

Listener take_over(const PassedFd& passed)
{
    const std::string what = "descriptor " + passed.name + ',' + std::to_string(passed.fd);
    if (socket_option(passed.fd, SO_ACCEPTCONN) != 1 ||
        socket_option(passed.fd, SO_TYPE) != SOCK_STREAM) {
        throw std::runtime_error(what + " is not a listening stream socket");
    }
    ::fcntl(passed.fd, F_SETFD, FD_CLOEXEC);
    SocketAddress address = address_of_socket(passed.fd);
    return {passed.name, UniqueFd(passed.fd), address.storage.ss_family, text_of(address)};
}

Listener at_wrong_port(const Listener& right, int backlog)
{
    SocketAddress address = address_of_socket(right.fd.get());
    if (address.storage.ss_family == AF_UNIX) {
        throw UsageError("misbehaviour wrong-port: a unix socket has no port");
    }
    const int port = ntohs(address.port()) + wrong_port_distance;
    address.port() = htons(static_cast<std::uint16_t>(port));
    return listen_at(right.name, address, backlog);
}

} // namespace

std::vector<Listener> open_listeners(const Options& options)
{
    const bool wrong = options.misbehaviours.wrong_port;
    std::vector<Listener> listeners;
    for (const PassedFd& passed : options.passed) {
        Listener right = take_over(passed);
        listeners.push_back(wrong ? at_wrong_port(right, options.backlog) : std::move(right));
    }
    if (options.port) {
        const int port = *options.port + (wrong ? wrong_port_distance : 0);
        const auto address = address_from_text(options.address, static_cast<std::uint16_t>(port));
        listeners.push_back(listen_at("port", address, options.backlog));
    }
    return listeners;
}

std::string addresses_of(const std::vector<Listener>& listeners)
{
    std::string text;
    for (const Listener& listener : listeners) {
        text += text.empty() ? "" : ", ";
        text += listener.address;
    }
    return text;
}

} // namespace twinctl
