// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"
#include "core/error.hpp"
#include "core/names.hpp"

using namespace twinctl;

TEST_CASE("a pair's name is letters, digits and _-+@", "[names]") {
    for (const auto* name : {"web", "my-service", "A_1", "g++", "vpn@home", "0"}) {
        INFO(name);
        CHECK(why_no_name(name).empty());
    }
}

TEST_CASE("a pair's name has no dot, slash, blank, control character or leading dash", "[names]") {
    const std::string long_name(65, 'x');
    for (const auto& name : {std::string(""), std::string("a.b"), std::string("../x"),
                             std::string("a b"), std::string("a\nb"), std::string("-q"),
                             std::string("a;b"), std::string("$(x)"), std::string("caf\xc3\xa9"),
                             long_name}) {
        INFO(name);
        CHECK_FALSE(why_no_name(name).empty());
    }
}

TEST_CASE("a twin is a name and a parity, and knows its sibling", "[names]") {
    const auto twin = parse_twin_name("my-service.1");
    CHECK(twin.pair == "my-service");
    CHECK(twin.parity == 1);
    CHECK(twin.str() == "my-service.1");
    CHECK(twin.sibling().str() == "my-service.0");
}

TEST_CASE("what is no twin is refused", "[names]") {
    for (const auto* text : {"", ".0", "web", "web.2", "web.01", "a.b.0", "web.0\n"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_twin_name(text), InputError);
    }
}

TEST_CASE("control characters do not reach the terminal", "[names]") {
    CHECK(printable("a\x1b[31m\n") == "a\\x1b[31m\\x0a");
}
