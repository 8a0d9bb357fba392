// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <linux/io_uring.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/listeners.hpp"
#include "core/process.hpp"
#include "needs.hpp"
#include "real_sockets.hpp"

using namespace twinctl;

namespace {

bool waits_at(const Server& server) {
    return is_waiting_at(process_at(getpid()).value(), server.inode());
}

/// Asks RING, which PARAMETERS describes, for a connection of LISTENER; false: it is not taken.
bool ask_for_connection(int ring, const io_uring_params& parameters, int listener) {
    const auto map = [&](std::size_t size, off_t offset) {
        void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, offset);
        REQUIRE(at != MAP_FAILED);
        return at;
    };
    auto* entries = static_cast<io_uring_sqe*>(map(sizeof(io_uring_sqe), IORING_OFF_SQES));
    auto* queue = static_cast<char*>(
        map(parameters.sq_off.array + sizeof(unsigned), IORING_OFF_SQ_RING));
    entries[0] = {};
    entries[0].opcode = IORING_OP_ACCEPT;
    entries[0].fd = listener;
    *reinterpret_cast<unsigned*>(queue + parameters.sq_off.array) = 0;
    *reinterpret_cast<unsigned*>(queue + parameters.sq_off.tail) = 1;
    return syscall(SYS_io_uring_enter, ring, 1, 0, 0, nullptr, 0) == 1;
}

}  // namespace

TEST_CASE("a process waits at the socket that its epoll watches, and at no other", "[waiting]") {
    const Server server;
    const Server other;
    const Fd epoll(epoll_create1(EPOLL_CLOEXEC));
    epoll_event event{};
    event.events = EPOLLIN;
    CHECK_FALSE(waits_at(server));
    REQUIRE(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, server.listener.get(), &event) == 0);
    CHECK(waits_at(server));
    CHECK_FALSE(waits_at(other));
}

TEST_CASE("a process with an io_uring waits once it has asked for a connection", "[waiting]") {
    const Server server;
    io_uring_params parameters{};
    const Fd ring(static_cast<int>(syscall(SYS_io_uring_setup, 1, &parameters)));
    SKIP_WHERE(ring ? "" : "no io_uring here");
    CHECK_FALSE(waits_at(server));
    REQUIRE(ask_for_connection(ring.get(), parameters, server.listener.get()));
    CHECK(waits_at(server));
}
