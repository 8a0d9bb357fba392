// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"
#include "core/error.hpp"
#include "core/ports.hpp"

using namespace twinctl;

TEST_CASE("a port may stand alone, with an address, with a name", "[ports]") {
    const auto ports = parse_ports(" 8080 http=127.0.0.1:80\tadmin=[::1]:9090 ");
    REQUIRE(ports.size() == 3);
    CHECK(ports[0].name == "main");
    CHECK(ports[0].address.empty());
    CHECK(ports[0].of(0) == 8080);
    CHECK(ports[0].of(1) == 8081);
    CHECK(ports[1].name == "http");
    CHECK(ports[1].address == "127.0.0.1");
    CHECK(ports[2].address == "::1");
    CHECK(ports[2].of(1) == 9091);
}

TEST_CASE("a service may have no port at all", "[ports]") {
    CHECK(parse_ports("").empty());
}

TEST_CASE("an odd or impossible port is refused by name", "[ports]") {
    for (const auto* text : {"8081", "0", "65535", "65536", "99999999999", "80a", "-2", "x:80",
                             "localhost:80", "::1:80", "[::1]", "1.2.3:80", "=80", "A=80",
                             "80 80", "a=80 a=82", "main=80 82"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_ports(text), InputError);
    }
    CHECK_THROWS_WITH(parse_ports("8081"),
                      "port '8081': odd; a base port is even, twin 1 takes the next one");
}

TEST_CASE("an endpoint is written as it is typed", "[ports]") {
    CHECK(endpoint_text("", 80) == "80");
    CHECK(endpoint_text("127.0.0.1", 80) == "127.0.0.1:80");
    CHECK(endpoint_text("::1", 80) == "[::1]:80");
}

TEST_CASE("an address ends where it is written to end", "[ports]") {
    using namespace std::string_literals;
    CHECK_THROWS_AS(parse_ports("127.0.0.1\0x:8080"s), InputError);
    CHECK_THROWS_AS(parse_ports("[::1\0x]:8080"s), InputError);
}
