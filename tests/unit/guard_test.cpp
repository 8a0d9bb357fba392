// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"
#include "core/error.hpp"
#include "core/guard.hpp"
#include "core/names.hpp"

using namespace twinctl;

namespace {

const TwinName twin{"web", 0};

GuardFacts last_twin() {
    GuardFacts facts;
    facts.self_alive = true;
    facts.sibling_lack = "is stopped";
    return facts;
}

}  // namespace

TEST_CASE("the last twin may not stop", "[guard]") {
    CHECK(why_refused(last_twin(), twin) == "web.0 is the last twin: web.1 is stopped");
}

TEST_CASE("a twin whose sibling is up may stop", "[guard]") {
    auto facts = last_twin();
    facts.sibling_lack.clear();
    CHECK_FALSE(why_refused(facts, twin));
}

TEST_CASE("the guard steps aside for a shutdown and for a stop of the pair", "[guard]") {
    auto facts = last_twin();
    facts.going_down = true;
    CHECK_FALSE(why_refused(facts, twin));
    facts = last_twin();
    facts.pair_stopping = true;
    CHECK_FALSE(why_refused(facts, twin));
}

TEST_CASE("a twin whose process is dead has nothing to lose", "[guard]") {
    auto facts = last_twin();
    facts.self_alive = false;
    CHECK_FALSE(why_refused(facts, twin));
}

TEST_CASE("the guard's mode is one of three words", "[guard]") {
    CHECK(parse_guard_mode("enforce") == GuardMode::Enforce);
    CHECK(parse_guard_mode("warn") == GuardMode::Warn);
    CHECK(parse_guard_mode("off") == GuardMode::Off);
    CHECK_THROWS_AS(parse_guard_mode("Off"), InputError);
}
