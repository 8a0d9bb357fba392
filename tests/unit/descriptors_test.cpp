// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/descriptors.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "needs.hpp"

using namespace twinctl;

namespace {

Descriptors own() {
    return Descriptors::of(process_at(getpid()).value()).value();
}

std::uint64_t inode_of(const Fd& fd) {
    struct stat info {};
    REQUIRE(fstat(fd.get(), &info) == 0);
    return info.st_ino;
}

Fd open_socket() {
    return Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

}  // namespace

TEST_CASE("a process that began at another time is another", "[descriptors]") {
    auto earlier = process_at(getpid()).value();
    --earlier.start;
    CHECK_FALSE(Descriptors::of(earlier));
}

TEST_CASE("a process is gone while the kernel ends it, also for another user than root", "[descriptors]") {
    const pid_t user = fork();
    if (user == 0) {
        // A process that was root may not be looked into, not even by its own kind.
        if (geteuid() == 0 &&
            (setgid(65534) != 0 || setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)) {
            _exit(77);
        }
        for (int i = 0; i < 10; ++i) {
            const pid_t child = fork();
            if (child == 0) {
                // The kernel takes some milliseconds to free that.
                mmap(nullptr, 32'000'000, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
                kill(getpid(), SIGKILL);
            }
            try {
                while (process_at(child)) {
                    Descriptors::of(process_at(child).value_or(ProcessId{}));
                }
            } catch (const std::exception&) {
                _exit(1);
            }
            waitpid(child, nullptr, 0);
        }
        _exit(0);
    }
    int status = -1;
    waitpid(user, &status, 0);
    SKIP_WHERE(WEXITSTATUS(status) == 77 ? "cannot become another user" : "");
    CHECK(status == 0);
}

TEST_CASE("a socket is known by its inode, another file is none", "[descriptors]") {
    const Fd socket = open_socket();
    const Fd file(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const auto descriptors = own();
    CHECK(descriptors.socket_inode(socket.get()) == inode_of(socket));
    CHECK_FALSE(descriptors.socket_inode(file.get()));
    CHECK_FALSE(descriptors.socket_inode(1'000'000));
}

TEST_CASE("a taken descriptor is the same socket", "[descriptors]") {
    const Fd socket = open_socket();
    const auto descriptors = own();
    const Fd taken = descriptors.take(socket.get());
    REQUIRE(taken);
    CHECK(inode_of(taken) == inode_of(socket));
    CHECK_FALSE(descriptors.take(1'000'000));
    CHECK(errno == EBADF);
}

TEST_CASE("the walk begins where it is told to, and ends when it is told to", "[descriptors]") {
    std::vector<Fd> sockets;
    for (int i = 0; i < 300; ++i) {
        sockets.push_back(open_socket());
    }
    const auto descriptors = own();
    for (const std::size_t first : {0u, 1u, 150u, 299u}) {
        std::vector<int> wanted;
        std::vector<int> seen;
        for (std::size_t i = first; i < sockets.size(); ++i) {
            wanted.push_back(sockets[i].get());
        }
        descriptors.each_socket(sockets[first].get(), [&](int fd, std::uint64_t inode) {
            seen.push_back(fd);
            CHECK(descriptors.socket_inode(fd) == inode);
            return seen.size() < wanted.size();
        });
        CHECK(seen == wanted);
    }
}
