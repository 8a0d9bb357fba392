// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/quiesce.hpp"
#include "needs.hpp"
#include "tcp.hpp"

using namespace twinctl;

namespace {

/// Its connections stay in SYN_RECV until their first byte is there (TCP_DEFER_ACCEPT, tcp(7)),
/// as if the last packet of the handshake were under way.
Fd listen_for_data(const std::string& address) {
    auto listener = listen_at(address, 0, Stack::Dual);
    const int seconds = 30;
    setsockopt(listener.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
    return listener;
}

bool quiet_within(Quiesce& quiesce, int looks) {
    for (int i = 0; i < looks; ++i) {
        if (quiesce.is_quiet()) {
            return true;
        }
        usleep(2000);
    }
    return false;
}

}  // namespace

TEST_CASE("it is quiet when nothing was left twice in a row", "[quiesce]") {
    SKIP_WHERE(why_no_sock_diag());
    const auto listener = listen_at("127.0.0.1", 0);
    const auto port = port_of(listener);
    Quiesce quiesce({{"", port}, {"", 0}}, {{"127.0.0.1", port}});
    CHECK_FALSE(quiesce.is_quiet());
    CHECK(quiesce.left() == 0);
    CHECK(quiesce.is_quiet());
}

TEST_CASE("a connection in the accept queue counts until it is accepted", "[quiesce]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    // Wildcard of both families, and an address: a queue is found by each of the names it may have.
    for (const auto* address : {"127.0.0.1", "0.0.0.0", "::"}) {
        INFO(address);
        const auto listener = listen_at(address, 0, Stack::Dual);
        const auto port = port_of(listener);
        const auto client = connect_to("127.0.0.1", port);
        REQUIRE(client);
        Quiesce quiesce({}, {{"127.0.0.1", port}});
        CHECK_FALSE(quiet_within(quiesce, 5));
        CHECK(quiesce.left() == 1);
        const Fd accepted(accept(listener.get(), nullptr, nullptr));
        REQUIRE(accepted);
        CHECK_FALSE(quiesce.is_quiet());
        CHECK(quiesce.is_quiet());
    }
}

TEST_CASE("every queue of a port that several sockets share counts", "[quiesce]") {
    SKIP_WHERE(why_no_sock_diag());
    const auto first = listen_at("127.0.0.1", 0);
    const auto port = port_of(first);
    const auto second = listen_at("::1", port);
    SKIP_WHERE(second ? "" : "no IPv6 here");
    const auto a = connect_to("127.0.0.1", port);
    const auto b = connect_to("::1", port);
    Quiesce quiesce({}, {{"", port}});
    quiesce.is_quiet();
    CHECK(quiesce.left() == 2);
    Quiesce one({}, {{"::1", port}});
    one.is_quiet();
    CHECK(one.left() == 1);
    Quiesce none({}, {{"127.0.0.2", port}});
    none.is_quiet();
    CHECK(none.left() == 0);
}

TEST_CASE("a handshake of before counts until it is accepted, a later one does not", "[quiesce]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    for (const auto* address : {"127.0.0.1", "::"}) {
        INFO(address);
        const auto listener = listen_for_data(address);
        const auto port = port_of(listener);
        const auto before = connect_to("127.0.0.1", port);
        REQUIRE(before);
        Quiesce quiesce({{"127.0.0.1", port}}, {{"", port}});
        const auto during = connect_to("127.0.0.1", port);
        CHECK_FALSE(quiesce.is_quiet());
        CHECK(quiesce.left() == 2);
        const auto later = connect_to("127.0.0.1", port);
        CHECK_FALSE(quiet_within(quiesce, 5));
        CHECK(quiesce.left() == 2);
        for (const auto* client : {&before, &during}) {
            REQUIRE(write(client->get(), "x", 1) == 1);
        }
        CHECK_FALSE(quiet_within(quiesce, 5));
        CHECK(quiesce.left() == 2);
        for (int i = 0; i < 2; ++i) {
            const Fd accepted(accept(listener.get(), nullptr, nullptr));
            CHECK(accepted);
        }
        CHECK(quiet_within(quiesce, 2));
        CHECK(quiesce.left() == 0);
    }
}

TEST_CASE("handshakes at another address are somebody else's", "[quiesce]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    const auto listener = listen_for_data("127.0.0.1");
    const auto port = port_of(listener);
    const auto client = connect_to("127.0.0.1", port);
    REQUIRE(client);
    for (const auto* address : {"127.0.0.2", "::", "::1"}) {
        INFO(address);
        Quiesce quiesce({{address, port}}, {});
        CHECK(quiet_within(quiesce, 2));
    }
    for (const auto* address : {"", "0.0.0.0", "127.0.0.1"}) {
        INFO(address);
        Quiesce quiesce({{address, port}}, {});
        CHECK_FALSE(quiet_within(quiesce, 2));
    }
}
