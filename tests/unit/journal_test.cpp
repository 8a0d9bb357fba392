// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"
#include "core/error.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/json_text.hpp"

using namespace twinctl;

TEST_CASE("a journal is read as it was written", "[journal]") {
    Journal journal;
    journal.pair = "web";
    journal.from = 1;
    journal.to = 0;
    journal.step = Step::Drain;
    journal.drain_began = 1700;
    journal.drain_for = 60;
    const auto read = parse_journal(journal_json(journal));
    CHECK(read.pair == "web");
    CHECK(read.from == 1);
    CHECK(read.to == 0);
    CHECK(read.step == Step::Drain);
    CHECK(read.drain_began == 1700);
    CHECK(read.drain_for == 60);
}

TEST_CASE("what is no journal is refused", "[journal]") {
    for (const auto* text :
         {"", "{}", "[]", "null", "{\"format\":2}",
          R"({"format":1,"name":"w","from":0,"to":1,"step":"dance","drain_began":0})",
          R"({"format":1,"name":"w","from":1,"to":1,"step":"hup","drain_began":0})",
          R"({"format":1,"name":"w","from":4294967296,"to":1,"step":"hup","drain_began":0})",
          R"({"format":1,"name":"w","from":0.5,"to":1,"step":"hup","drain_began":0})",
          R"({"format":1,"name":"w","from":false,"to":true,"step":"hup","drain_began":0})",
          R"({"format":1,"name":"w","from":0,"to":1,"step":"hup","drain_began":9223372036854775807})",
          R"({"format":1,"name":"w","from":0,"to":1,"step":"hup","drain_began":-1})",
          R"({"format":1,"name":7,"from":0,"to":1,"step":"hup","drain_began":0})"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_journal(text), SystemError);
    }
}

TEST_CASE("a journal that knows no clock of the boot is one whose drain has yet to begin", "[journal]") {
    const auto journal = parse_journal(
        R"({"format":1,"name":"w","from":0,"to":1,"step":"drain","drain_until":1700000060,"drain_for":60,"left":true})");
    CHECK(journal.step == Step::Drain);
    CHECK_FALSE(journal.drain_began);
}
