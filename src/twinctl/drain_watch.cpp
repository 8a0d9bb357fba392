// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/drain_watch.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/files.hpp"
#include "twinctl/connections.hpp"

namespace twinctl {

namespace {

template <typename Container, typename Value>
bool has(const Container& container, const Value& value) {
    return std::find(container.begin(), container.end(), value) != container.end();
}

std::string path_of(const sockaddr_storage& address, socklen_t length) {
    sockaddr_un un{};
    std::memcpy(&un, &address, std::min<std::size_t>(length, sizeof un));
    return {un.sun_path, strnlen(un.sun_path, sizeof un.sun_path)};
}

}  // namespace

DrainWatch::DrainWatch(ProcessId process, ServedAt served)
    : process_(process), served_(std::move(served)), known_{process} {}

bool DrainWatch::any_left() {
    if (witness_) {
        if (witness_->descriptors.socket_inode(witness_->fd) == witness_->inode &&
            is_client(witness_->descriptors, witness_->fd, witness_->inode)) {
            return true;
        }
        // Descriptors are mostly opened in increasing order, and what was opened first is closed
        // first: from the start, 50,000 that close in turn would be walked through again and again.
        if (search(witness_->process, witness_->fd)) {
            return true;
        }
        witness_.reset();
    }
    inodes_.reset();
    forget_the_dead();
    // What was forked while it looked may hold what it did not see elsewhere.
    std::size_t next = 0;
    do {
        for (; next < known_.size(); ++next) {
            if (search(known_[next], 0)) {
                return true;
            }
        }
    } while (meet_descendants());
    return false;
}

std::unordered_set<std::uint64_t> DrainWatch::inodes() {
    auto inodes = served_inodes();
    std::unordered_set<std::uint64_t> held;
    if (inodes.empty()) {
        return held;
    }
    forget_the_dead();
    meet_descendants();
    for (const auto& process : known_) {
        if (const auto descriptors = Descriptors::of(process)) {
            descriptors->each_socket(0, [&](int, std::uint64_t inode) {
                if (inodes.erase(inode) != 0) {
                    held.insert(inode);
                }
                return !inodes.empty();
            });
        }
    }
    return held;
}

/// Makes the first connection of PROCESS, from descriptor FIRST on, the witness.
bool DrainWatch::search(ProcessId process, int first) {
    auto descriptors = Descriptors::of(process);
    if (!descriptors) {
        return false;
    }
    int found = -1;
    std::uint64_t found_inode = 0;
    descriptors->each_socket(first, [&](int fd, std::uint64_t inode) {
        if (is_client(*descriptors, fd, inode)) {
            found = fd;
            found_inode = inode;
        }
        return found < 0;
    });
    if (found < 0) {
        return false;
    }
    witness_ = Witness{process, std::move(*descriptors), found, found_inode};
    return true;
}

bool DrainWatch::is_client(const Descriptors& descriptors, int fd, std::uint64_t inode) {
    const Fd socket = descriptors.take(fd);
    if (socket) {
        return is_served(socket.get());
    }
    if (!Descriptors::may_not_take(errno)) {
        return false;
    }
    // An inode is not given to another socket before 2^32 of them have been; so one answer serves
    // until a search from the start. One that is reset meanwhile counts until it is closed.
    if (!inodes_) {
        inodes_ = served_inodes();
    }
    return inodes_->count(inode) != 0;
}

/// Whether it is the server's end of a connection. The type, not the protocol, so that MPTCP
/// counts as the TCP that it stands for.
bool DrainWatch::is_served(int socket) const {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        return false;
    }
    // An accepted socket bears the name of its listener.
    if (address.ss_family == AF_INET || address.ss_family == AF_INET6) {
        sockaddr_in in{};
        static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
        std::memcpy(&in, &address, sizeof in);
        if (!has(served_.ports, ntohs(in.sin_port))) {
            return false;
        }
    } else if (address.ss_family != AF_UNIX ||
               !has(served_.unix_paths, path_of(address, length))) {
        return false;
    }
    int type = 0;
    socklen_t type_length = sizeof type;
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &type_length) != 0 || type != SOCK_STREAM) {
        return false;
    }
    // ENOTCONN for a listener and for what was reset.
    length = sizeof address;
    return getpeername(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
}

std::unordered_set<std::uint64_t> DrainWatch::served_inodes() const {
    std::unordered_set<std::uint64_t> inodes;
    for (const auto port : served_.ports) {
        for (const auto inode : tcp_connections(port)) {
            inodes.insert(inode);
        }
    }
    if (!served_.unix_paths.empty()) {
        for (const auto inode : unix_connections(served_.unix_paths)) {
            inodes.insert(inode);
        }
    }
    return inodes;
}

void DrainWatch::forget_the_dead() {
    std::erase_if(known_, [](const ProcessId& process) { return !is_alive(process); });
}

/// Walks through /proc. False if all descendants were known.
bool DrainWatch::meet_descendants() {
    const auto before = known_.size();
    // Where it has ended its pid may be another's.
    if (is_alive(process_)) {
        for (const auto pid : process_tree(process_.pid)) {
            const auto process = process_at(pid);
            if (process && !has(known_, *process)) {
                known_.push_back(*process);
            }
        }
    }
    return known_.size() != before;
}

}  // namespace twinctl
