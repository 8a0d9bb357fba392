// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "stream_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace twinctl {

namespace {

int bind_to_port(int fd, sa_family_t family, std::uint16_t port)
{
    sockaddr_storage any{};
    any.ss_family = family;
    socklen_t length = sizeof(sockaddr_in);
    if (family == AF_INET6) {
        reinterpret_cast<sockaddr_in6&>(any).sin6_port = htons(port);
        length = sizeof(sockaddr_in6);
    } else {
        reinterpret_cast<sockaddr_in&>(any).sin_port = htons(port);
    }
    const int on = 1; // the port's last connection may be in TIME_WAIT
    const bool bound = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                       ::bind(fd, reinterpret_cast<const sockaddr*>(&any), length) == 0;
    return bound ? 0 : errno;
}

StreamSocket::Transfer result_of(ssize_t done)
{
    if (done < 0) {
        return {0, errno == EWOULDBLOCK ? EAGAIN : errno};
    }
    return {static_cast<std::size_t>(done), 0};
}

} // namespace

int StreamSocket::connect(const Target& target, std::uint16_t source_port)
{
    close();
    const sa_family_t family = target.address.ss_family;
    fd_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        return errno;
    }
    if (family != AF_UNIX) {
        const int on = 1; // a slow POST sends many small pieces
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    int error = source_port == 0 ? 0 : bind_to_port(fd_, family, source_port);
    if (error == 0 && ::connect(fd_, reinterpret_cast<const sockaddr*>(&target.address),
                                target.address_length) != 0) {
        error = errno == EINPROGRESS ? 0 : errno;
    }
    if (error != 0) {
        close();
    }
    return error;
}

int StreamSocket::connect_error() const
{
    int error = 0;
    socklen_t length = sizeof error;
    return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

StreamSocket::Transfer StreamSocket::send(std::string_view bytes) const
{
    return result_of(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

StreamSocket::Transfer StreamSocket::receive(char* buffer, std::size_t size) const
{
    return result_of(::recv(fd_, buffer, size, 0));
}

std::size_t StreamSocket::unacknowledged() const
{
    int bytes = 0;
    return ::ioctl(fd_, TIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

void StreamSocket::close()
{
    if (const int old = std::exchange(fd_, -1); old >= 0) {
        ::close(old);
    }
}

void StreamSocket::abort()
{
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

} // namespace twinctl
