// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "catch.hpp"
#include "core/error.hpp"
#include "core/public_socket.hpp"

using namespace twinctl;

TEST_CASE("a public socket may stand alone, with an address, with a name", "[public]") {
    const auto sockets = parse_public(" 81 https=192.0.2.1:443\tv6=[::]:80\napi=unix:/run/a=b.sock ");
    REQUIRE(sockets.size() == 4);
    CHECK(sockets[0].name == "main");
    CHECK(sockets[0].address.empty());
    CHECK(sockets[0].port == 81);
    CHECK(sockets[0].text() == "81");
    CHECK(sockets[1].name == "https");
    CHECK(sockets[1].address == "192.0.2.1");
    CHECK(sockets[1].text() == "192.0.2.1:443");
    CHECK(sockets[2].address == "::");
    CHECK(sockets[2].text() == "[::]:80");
    CHECK(sockets[3].name == "api");
    CHECK(sockets[3].is_unix());
    CHECK(sockets[3].path == "/run/a=b.sock");
    CHECK(sockets[3].text() == "unix:/run/a=b.sock");
}

TEST_CASE("a pair may have no public socket", "[public]") {
    CHECK(parse_public(" ").empty());
}

TEST_CASE("a Unix socket needs no name", "[public]") {
    const auto sockets = parse_public("unix:/run/web.sock");
    REQUIRE(sockets.size() == 1);
    CHECK(sockets[0].name == "main");
    CHECK(sockets[0].path == "/run/web.sock");
}

TEST_CASE("one IPv6 address has one text", "[public]") {
    CHECK(parse_public("[2001:DB8:0::1]:80").front().text() == "[2001:db8::1]:80");
    CHECK_THROWS_WITH(parse_public("a=[::1]:80 b=[0::1]:80"), "public socket 'b=[0::1]:80': given twice");
}

TEST_CASE("a public socket that is none is refused by name", "[public]") {
    for (const auto* text : {"0", "65536", "99999999999", "80a", "-2", "localhost:80", "::1:80", "[::1]",
                             "=80", "A=80", "x=", "80 81", "a=80 b=80", "unix:", "unix:/", "unix:run/x",
                             "unix:/run/x/", "unix:/run/\x01", "unix:/a b=unix:/a", "tcp:80", "unix:@x"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_public(text), InputError);
    }
    CHECK_THROWS_WITH(parse_public("0"), "public socket '0': out of range (a port is 1 to 65535)");
    CHECK_THROWS_WITH(parse_public("x=[::ffff:192.0.2.1]:80"),
                      "public socket 'x=[::ffff:192.0.2.1]:80': what comes in by IPv4 has an IPv4 "
                      "address; write that");
}

TEST_CASE("the path of a Unix socket has room for 107 bytes", "[public]") {
    CHECK(parse_public("unix:/" + std::string(106, 'x')).front().path.size() == 107);
    CHECK_THROWS_AS(parse_public("unix:/" + std::string(107, 'x')), InputError);
}

TEST_CASE("a pair has 16 public sockets at most", "[public]") {
    std::string text;
    for (int i = 0; i < 16; ++i) {
        text += " p" + std::to_string(i) + "=" + std::to_string(i + 1);
    }
    CHECK(parse_public(text).size() == 16);
    CHECK_THROWS_WITH(parse_public(text + " 80"),
                      "public socket '80': one too many (a pair has 16 at most)");
}
