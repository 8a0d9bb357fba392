// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "catch.hpp"
#include "core/error.hpp"
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
