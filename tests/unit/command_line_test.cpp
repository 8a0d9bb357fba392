// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "catch.hpp"
#include "core/error.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/nearest.hpp"

using namespace twinctl;

TEST_CASE("what the names stand under is no option", "[command_line]") {
    CHECK_THROWS_AS(parse_arguments({"web", "--pair names=x"}, {{"json"}}, 1, 1), InputError);
}

TEST_CASE("what was typed is said without its control characters", "[command_line]") {
    try {
        parse_arguments({"--\x1b[2J"}, {{"json"}}, 0, 1);
        FAIL("it was taken");
    } catch (const InputError& error) {
        CHECK(std::string(error.what()) == "unrecognised option '--\\x1b[2J'");
    }
}

TEST_CASE("an option that is called as Boost calls its placeholders is an unknown one", "[command_line]") {
    CHECK_THROWS_AS(parse_arguments({"web", "--j%canonical_option%x"}, {{"json"}}, 1, 1), InputError);
    CHECK_THROWS_AS(parse_arguments({"web", "--x=%canonical_option%"}, {{"json"}}, 1, 1), InputError);
    CHECK_THROWS_AS(parse_arguments({"web", "--json=%canonical_option%"}, {{"json"}}, 1, 1), InputError);
    CHECK_THROWS_AS(parse_arguments({"--=x", "--%canonical_option%"}, {{"json"}}, 0, 1), InputError);
}

TEST_CASE("a value may look like an option", "[command_line]") {
    const auto parsed = parse_arguments({"web", "--args", "--port {port}"}, {{"args", true}}, 1, 1);
    CHECK(parsed.value("args") == "--port {port}");
}

TEST_CASE("what was meant is named where it is near", "[command line]") {
    CHECK(did_you_mean("swpa", {"start", "swap"}) == "; did you mean 'swap'?");
    CHECK(did_you_mean("twin_drain_timout", {"twin_drain_timeout", "twin_user"}) == "; did you mean 'twin_drain_timeout'?");
    CHECK(did_you_mean("twin_usr", {"twin_args", "twin_user"}) == "; did you mean 'twin_user'?");
    CHECK(did_you_mean("swop", {"start", "stop", "swap"}) == "; did you mean 'stop' or 'swap'?");
    CHECK(did_you_mean("jso", {"json", "all"}, "--") == "; did you mean '--json'?");
    CHECK(did_you_mean("frobnicate", {"start", "swap"}).empty());
    CHECK(did_you_mean("up", {"rm"}).empty());
    CHECK(did_you_mean("", {"swap"}).empty());
    CHECK(did_you_mean(std::string(100000, 'x'), {"swap"}).empty());
    CHECK(did_you_mean("x", {}).empty());
}
