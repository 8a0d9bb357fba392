// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/hand_over.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/listeners.hpp"
#include "core/names.hpp"
#include "core/pair_lock.hpp"
#include "core/process.hpp"
#include "core/public_claims.hpp"
#include "core/public_socket.hpp"
#include "core/record.hpp"
#include "core/trust.hpp"
#include "core/user.hpp"
#include "twin-exec/modes.hpp"

namespace twinctl {

namespace {

constexpr int first_fd = 3;

/// The sibling may be starting this moment, and have bound it already, or be about to.
constexpr int tries = 25;
constexpr useconds_t between_tries_us = 20000;

std::optional<ProcessId> living(const Layout& layout, const TwinName& twin) {
    const auto record = read_record(layout, twin);
    return record && is_alive(record->process) ? std::optional(record->process) : std::nullopt;
}

Fd take_from_sibling(const PublicSocket& socket, const TwinName& twin,
                                    const Layout& layout) {
    const auto sibling = living(layout, twin.sibling());
    const auto inode = sibling ? find_public_listener(socket) : std::nullopt;
    return inode ? take_socket(*sibling, *inode) : Fd();
}

constexpr char by_pair[] = " by the pair ";

/// Who stands in the way of a public socket, as the end of "port N is taken"; empty: nobody.
std::string public_taken_by(const PublicSocket& socket, const Options& options,
                            const Layout& layout) {
    const auto is_own = [&](std::uint64_t inode) {
        for (const auto& twin : {options.twin.sibling(), options.twin}) {
            const auto own = living(layout, twin);
            if (own && (find_socket({own->pid}, inode) || find_socket(process_tree(own->pid), inode))) {
                return true;
            }
        }
        return false;
    };
    auto inodes = listeners_within(socket);
    if (const auto exact = find_public_listener(socket)) {
        inodes.push_back(*exact);
    }
    const auto other = std::find_if_not(inodes.begin(), inodes.end(), is_own);
    if (other != inodes.end()) {
        return " by " + holder_text(*other);
    }
    const auto pair = pair_that_has(layout, options.twin.pair, socket);
    return pair.empty() ? "" : by_pair + pair;
}

/// In place of the public one, for a rehearsal. SOCKET becomes what was bound.
Fd listen_in_private(PublicSocket& socket, const TwinName& twin, const Layout& layout) {
    if (socket.is_unix()) {
        socket.path = layout.rehearsal(twin) + "." + socket.name;
        return listen_public(socket);
    }
    socket.address = "127.0.0.1";
    auto fd = listen_tcp(socket.address, 0);
    sockaddr_in in{};
    socklen_t length = sizeof in;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&in), &length);
    socket.port = ntohs(in.sin_port);
    return fd;
}

/// Who may write the directory of a Unix socket could take its clients, by one of his own.
void require_own_place(const PublicSocket& socket, const Options& options) {
    if (!socket.is_unix()) {
        return;
    }
    const auto service = options.user.empty() ? Identity{} : find_identity(options.user);
    const auto directory = socket.path.substr(0, std::max<std::size_t>(socket.path.rfind('/'), 1));
    if (const auto who = who_could_replace_in(directory, service.uid, service.gid); !who.empty()) {
        throw Refusal{exit_code::refused, "cannot trust " + socket.text() + ": " + who};
    }
}

Fd obtain_public(PublicSocket& socket, const Options& options, const Layout& layout) {
    if (is_rehearsal(layout, options.twin)) {
        return listen_in_private(socket, options.twin, layout);
    }
    require_own_place(socket, options);
    for (int i = 0;; ++i) {
        if (auto fd = take_from_sibling(socket, options.twin, layout)) {
            return fd;
        }
        try {
            return listen_public(socket);
        } catch (const SystemError& error) {
            if (i == tries) {
                throw Refusal{exit_code::refused, error.what() + public_taken_by(socket, options, layout)};
            }
        }
        usleep(between_tries_us);
    }
}

}  // namespace

std::vector<std::string> names_of_handed(const Options& options, Endpoint endpoint) {
    std::vector<std::string> names;
    for (const auto& handed : handed_to(options.serving, endpoint)) {
        names.push_back(handed.name);
    }
    return names;
}

HandOver gather_sockets(const Options& options, Endpoint endpoint, const Layout& layout) {
    HandOver sockets;
    for (const auto& handed : handed_to(options.serving, endpoint)) {
        sockets.names.push_back(handed.name);
        if (handed.socket != nullptr) {
            auto socket = *handed.socket;
            sockets.sockets.push_back(obtain_public(socket, options, layout));
            sockets.publics += (sockets.publics.empty() ? "" : " ") + socket.name + "=" + socket.text();
        } else {
            sockets.sockets.push_back(listen_tcp(handed.port->address, handed.port->of(options.twin.parity)));
        }
    }
    return sockets;
}

void hand_over(HandOver& sockets, ListenFds how) {
    if (sockets.sockets.empty()) {
        return;
    }
    const int count = static_cast<int>(sockets.sockets.size());
    std::string names;
    // Out of the way first: one may have the number that is another one's place.
    for (auto& fd : sockets.sockets) {
        Fd moved(fcntl(fd.get(), F_DUPFD_CLOEXEC, first_fd + count));
        if (!moved) {
            throw SystemError::from_errno("cannot move a descriptor");
        }
        fd = std::move(moved);
    }
    for (int i = 0; i < count; ++i) {
        const int place = first_fd + i;
        const int flags = fcntl(place, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) {
            throw Refusal{exit_code::refused,
                          "descriptor " + std::to_string(place) +
                              " is in use, and a listening socket belongs there; notify=fd: can be " +
                              std::to_string(first_fd + count) + " or more"};
        }
        const int fd = sockets.sockets[static_cast<std::size_t>(i)].get();
        // Shared by both twins, as the whole open file description is.
        const int status = fcntl(fd, F_GETFL);
        if (how == ListenFds::Nonblocking && (status & O_NONBLOCK) == 0) {
            fcntl(fd, F_SETFL, status | O_NONBLOCK);
        }
        if (dup2(fd, place) < 0) {
            throw SystemError::from_errno("cannot place a descriptor");
        }
        names += (i == 0 ? "" : ":") + sockets.names[static_cast<std::size_t>(i)];
    }
    if (how == ListenFds::No) {
        return;
    }
    setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDNAMES", names.c_str(), 1);
}

void check_publics_free(const Options& options, Endpoint endpoint, const Layout& layout) {
    if (endpoint == Endpoint::Direct || is_rehearsal(layout, options.twin) ||
        (endpoint == Endpoint::Steer && is_adopting(layout, options.twin.pair))) {
        return;
    }
    for (const auto& socket : options.serving.publics) {
        if (endpoint == Endpoint::Inherit) {
            require_own_place(socket, options);
        }
        const auto taken = public_taken_by(socket, options, layout);
        if (!taken.empty()) {
            throw Refusal{exit_code::refused,
                          (socket.is_unix() ? "" : "public port ") + socket.text() + " is taken" + taken +
                              (endpoint == Endpoint::Steer && !taken.starts_with(by_pair)
                                   ? "; `twinctl adopt` can take it over" : "")};
        }
    }
}

}  // namespace twinctl
