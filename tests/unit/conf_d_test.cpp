// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <map>
#include <string>

#include "catch.hpp"
#include "core/error.hpp"
#include "twinctl/assignments.hpp"
#include "twinctl/config.hpp"

using namespace twinctl;

namespace {

/// The settings of twin 0 where the shell has listed LISTING for both.
Settings with_listing(const std::string& listing) {
    std::string output;
    for (int parity = 0; parity < 2; ++parity) {
        output += std::string("twin_ports") + '\0' + "8080" + '\0' + '\0' + listing + '\0';
    }
    return parse_settings(output).front();
}

}  // namespace

TEST_CASE("a key that nobody knows is found in what set lists", "[config]") {
    CHECK(with_listing("IFS=' \t\n'\ntwin_prot='1'\n").count("twin_prot") == 1);
}

TEST_CASE("a line of a value is no key, however the shell quotes it", "[config]") {
    const Settings ports{{"twin_ports", "8080"}};
    CHECK(with_listing("twin_ports='8080'\nx='a\ntwin_y=1'\n") == ports);
    CHECK(with_listing("x='it'\"'\"'s\ntwin_y=1'\n") == ports);
    CHECK(with_listing("x='it'\\''s\ntwin_y=1'\n") == ports);
    CHECK(with_listing("x=$'it\\'s\ntwin_y=1'\n") == ports);
}

TEST_CASE("an output that is cut short is no configuration", "[config]") {
    CHECK_THROWS_AS(parse_settings("twin_ports"), SystemError);
    CHECK_THROWS_AS(parse_settings(""), SystemError);
}

TEST_CASE("plain assignments are read as the shell reads them, without a shell", "[conf]") {
    std::map<std::string, std::string> values;
    parse_assignments("# a comment\n"
                      "\n"
                      "a=1\n"
                      "  b='two  words; $no `expansion`' # behind it\n"
                      "c=\"it's \\\"quoted\\\", \\$5\"\n"
                      "d='it'\\''s'\n"
                      "e=\"two\nlines\"; f={release}/webd\n"
                      "g=\n",
                      true, values);
    CHECK(values == std::map<std::string, std::string>{{"a", "1"},
                                                       {"b", "two  words; $no `expansion`"},
                                                       {"c", "it's \"quoted\", $5"},
                                                       {"d", "it's"},
                                                       {"e", "two\nlines"},
                                                       {"f", "{release}/webd"},
                                                       {"g", ""}});
}

TEST_CASE("what is more than an assignment is refused with its line, or passed over", "[conf]") {
    for (const auto* text : {"a=$(id)", "a=\"$b\"", "a=`id`", "id >/tmp/x", "a=1 id", "a=1 && id", "export a=1", "a = 1",
                             "a='unfinished", "if true; then a=1; fi", "a=*", "a=1>x"}) {
        INFO(text);
        std::map<std::string, std::string> values;
        CHECK_THROWS_WITH(parse_assignments("z=1\n" + std::string(text), true, values),
                          "line 2 is more than a value for a key");
        values.clear();
        parse_assignments(std::string(text) + "\nz=2\n", false, values);
        CHECK(values.count("a") == 0);
    }
}
