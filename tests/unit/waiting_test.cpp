// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <functional>
#include <iterator>
#include <string>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/listeners.hpp"
#include "core/proc_text.hpp"
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

/// A child that waits in WAIT, which never returns, and has the descriptors of this process.
class Child {
public:
    explicit Child(const std::function<void()>& wait) : pid_(fork()) {
        if (pid_ == 0) {
            wait();
            _exit(0);
        }
        REQUIRE(pid_ > 0);
        // Until it is asleep.
        for (int looks = 0; looks < 500 && state() != 'S'; ++looks) {
            usleep(10000);
        }
        REQUIRE(state() == 'S');
    }
    ~Child() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool waits_at(const Server& server) const {
        return is_waiting_at(process_at(pid_).value(), server.inode());
    }

private:
    char state() const {
        return parse_stat(read_file("/proc/" + std::to_string(pid_) + "/stat")).value().state;
    }

    pid_t pid_;
};

void poll_for(int fd, short events) {
    pollfd entries[] = {{-1, POLLIN, 0}, {fd, events, 0}};
    poll(entries, 2, -1);
}

void select_for(int fd) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    select(fd + 1, &set, nullptr, nullptr, nullptr);
}

}  // namespace

TEST_CASE("a thread in accept, poll or select waits at the socket that it asks for, and at no other", "[waiting]") {
    const Server server;
    const Server other;
    const int fd = server.listener.get();
    const std::function<void()> waits[] = {
        [&] { accept(fd, nullptr, nullptr); },
        [&] { poll_for(fd, POLLIN); },
        [&] { select_for(fd); },
        [&] { ppoll(nullptr, 0, nullptr, nullptr); },
        [&] { poll_for(fd, POLLPRI); },
        [&] { select(0, nullptr, nullptr, nullptr, nullptr); },
        [&] { pause(); },
    };
    for (std::size_t i = 0; i < std::size(waits); ++i) {
        INFO(i);
        const Child child(waits[i]);
        CHECK(child.waits_at(server) == (i < 3));
        CHECK_FALSE(child.waits_at(other));
    }
}

TEST_CASE("what epoll has reported once and for all is not watched any more", "[waiting]") {
    const std::string text = "pos:\t0\nflags:\t02\n"
                             "tfd:        5 events: 40000000 data: 5  pos:0 ino:12 sdev:8\n"
                             "tfd:        6 events:       1d data: 6  pos:0 ino:34 sdev:8\n";
    CHECK_FALSE(epoll_text_watches(text, 0x12));
    CHECK(epoll_text_watches(text, 0x34));
}

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
