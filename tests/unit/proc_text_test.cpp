// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sys/socket.h>

#include <vector>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/proc_text.hpp"
#include "needs.hpp"
#include "tcp.hpp"

using namespace twinctl;

TEST_CASE("a process may call itself what it likes", "[proc]") {
    const auto stat = parse_stat("7 (a) S 1 (b) ) R 42 7 7 0 -1 0 1 1 1 1 1 1 1 1 20 0 1 0 9876 1\n");
    REQUIRE(stat);
    CHECK(stat->state == 'R');
    CHECK(stat->parent == 42);
    CHECK(stat->start == 9876);
    CHECK_FALSE(parse_stat("7 (web) S 42"));
}

TEST_CASE("a key of status without a value has none, also at the end of the text", "[proc]") {
    CHECK(status_value("Name:\tweb\nSigCgt:\t4003\n", "SigCgt") == "4003");
    CHECK(status_value("Name:\tweb\nSigCgt:\nRssAnon:\t1 kB\n", "SigCgt").empty());
    CHECK(status_value("Name:\tweb\nSigCgt:", "SigCgt").empty());
}

TEST_CASE("a listener is found in a table that takes many reads", "[proc]") {
    SKIP_WHERE(why_no_proc_net());
    // A line has 150 bytes: one read(2) of 4096 gives 27 of them.
    std::vector<Fd> listeners;
    for (int i = 0; i < 40; ++i) {
        listeners.push_back(listen_at("127.0.0.1", 0));
    }
    const auto table = read_table("/proc/net/tcp");
    REQUIRE(table);
    const unsigned char loopback[] = {127, 0, 0, 1};
    for (const auto& listener : listeners) {
        CHECK(find_in_table(*table, AF_INET, loopback, port_of(listener)));
    }
}
