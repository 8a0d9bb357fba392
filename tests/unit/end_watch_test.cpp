// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/end_watch.hpp"

#include <sys/stat.h>
#include <sys/types.h>  // IWYU pragma: keep (ssize_t)
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "core/files.hpp"
#include "needs.hpp"
#include "real_sockets.hpp"
#include "twinctl/connections.hpp"

using namespace twinctl;

namespace {

constexpr int pause_us = 20000;  // more than a tick of the clock that the kernel tells times by

struct Connection {
    Fd client;
    Fd service;

    explicit Connection(Server& server) : client(server.connect()), service(server.accept()) {}

    void ask() const { pass(client, service, "question"); }
    void answer() const { pass(service, client, "answer"); }

private:
    static void pass(const Fd& from, const Fd& to, std::string_view words) {
        REQUIRE(write(from.get(), words.data(), words.size()) == static_cast<ssize_t>(words.size()));
        char buffer[64];
        REQUIRE(read(to.get(), buffer, sizeof buffer) == static_cast<ssize_t>(words.size()));
        usleep(pause_us);
    }
};

std::uint64_t inode_of(const Fd& fd) {
    struct stat info {};
    REQUIRE(fstat(fd.get(), &info) == 0);
    return info.st_ino;
}

/// The kernel tells of the ends from a queue of its own.
unsigned soon(EndWatch& watch, unsigned wanted) {
    for (int looks = 0; looks < 100 && watch.unanswered() < wanted; ++looks) {
        usleep(10000);
    }
    return watch.unanswered();
}

}  // namespace

TEST_CASE("a connection counts where the service ends it before it has answered", "[end]") {
    SKIP_WHERE(why_no_sock_diag());
    Server server;
    EndWatch watch({server.address.port()}, {});
    Connection answered(server);
    answered.ask();
    answered.answer();
    Connection idle(server);
    Connection cut(server);
    cut.ask();
    Connection cut_later(server);
    cut_later.ask();
    cut_later.answer();
    cut_later.ask();
    Connection unread(server);
    REQUIRE(write(unread.client.get(), "question", 8) == 8);
    usleep(pause_us);
    Connection left(server);
    left.ask();
    left.client = Fd();
    usleep(pause_us);
    left.service = Fd();
    for (auto* connection : {&answered, &idle, &cut, &cut_later, &unread}) {
        connection->service = Fd();
        connection->client = Fd();
    }
    CHECK(soon(watch, 3) == 3);
    usleep(pause_us);
    CHECK(watch.unanswered() == 3);
}

TEST_CASE("at a shared port only the connections that were named count", "[end]") {
    SKIP_WHERE(why_no_sock_diag());
    Server server;
    Connection mine(server);
    Connection siblings(server);
    EndWatch watch({}, tcp_cookies(server.address.port(), {inode_of(mine.service)}));
    for (auto* connection : {&siblings, &mine}) {
        connection->ask();
        connection->service = Fd();
        connection->client = Fd();
    }
    CHECK(soon(watch, 1) == 1);
    usleep(pause_us);
    CHECK(watch.unanswered() == 1);
}

TEST_CASE("an end that is told of in too few bytes counts as none", "[end]") {
    const std::string bytes(200, '\0');
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        CHECK_FALSE(ended_socket(bytes.data(), length));
    }
}
