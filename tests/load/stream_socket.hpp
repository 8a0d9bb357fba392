// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "target.hpp"

namespace twinctl {

/// Owns one non-blocking connection, over TCP or a Unix socket, or none. Errors are errno values, 0
/// is none.
class StreamSocket {
public:
    struct Transfer {
        std::size_t bytes = 0;
        int error = 0; ///< EAGAIN: not now
    };

    StreamSocket() = default;
    ~StreamSocket() { close(); }
    StreamSocket(const StreamSocket&) = delete;
    StreamSocket& operator=(const StreamSocket&) = delete;

    /// Begins to connect, from `source_port` unless that is 0. Returns 0 also when it is not
    /// connected yet: connect_error() knows when the socket has become writable. EAGAIN: the
    /// backlog of a Unix socket is full (unix(7)); nobody tells when that changes.
    int connect(const Target& target, std::uint16_t source_port);
    int connect_error() const;

    Transfer send(std::string_view bytes) const;
    /// 0 bytes without an error: the peer closed its side.
    Transfer receive(char* buffer, std::size_t size) const;

    /// Bytes sent that the peer's kernel has not acknowledged (tcp(7): TIOCOUTQ or SIOCOUTQ); of a
    /// Unix socket, what the memory costs that the peer has not read yet, so never less than that.
    std::size_t unacknowledged() const;

    void close();
    /// Closes by RST: no FIN, no TIME_WAIT. Unix sockets know no such thing.
    void abort();

    int fd() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

} // namespace twinctl
