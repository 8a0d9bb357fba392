// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/error.hpp"
#include "core/ports.hpp"
#include "core/words.hpp"

using namespace twinctl;

namespace {

using Words = std::vector<std::string>;

std::string replaced(const std::string& word) {
    return replace_placeholders(word, {"web", 1}, parse_ports("8080 admin=9090"));
}

}  // namespace

TEST_CASE("arguments are split as sh splits them, and nothing is expanded", "[words]") {
    CHECK(split_words("") == Words{});
    CHECK(split_words("  a  b\t\nc ") == Words{"a", "b", "c"});
    CHECK(split_words("'a b' \"c d\" e\\ f") == Words{"a b", "c d", "e f"});
    CHECK(split_words("'' \"\"") == Words{"", ""});
    CHECK(split_words("x'y'\"z\"") == Words{"xyz"});
    CHECK(split_words("\"\\\"\\$\\`\\\\\\n\"") == Words{"\"$`\\\\n"});
    CHECK(split_words("$(reboot) * `x` ;") == Words{"$(reboot)", "*", "`x`", ";"});
}

TEST_CASE("a quote that is left open is refused", "[words]") {
    CHECK_THROWS_AS(split_words("a 'b"), InputError);
    CHECK_THROWS_AS(split_words("a \"b"), InputError);
}

TEST_CASE("a backslash at the end of a line goes on in the next one", "[words]") {
    CHECK(split_words("--a \\\n  --b") == std::vector<std::string>{"--a", "--b"});
    CHECK(split_words("a\\\nb \"c\\\nd\"") == std::vector<std::string>{"ab", "cd"});
    CHECK(split_words("'a\\\nb'") == std::vector<std::string>{"a\\\nb"});
}

TEST_CASE("placeholders become the twin's facts", "[words]") {
    CHECK(replaced("--port={port}") == "--port=8081");
    CHECK(replaced("{port:admin}:{parity}") == "9091:1");
    CHECK(replaced("{twin} of {name}") == "web.1 of web");
}

TEST_CASE("other braces are not ours", "[words]") {
    CHECK(replaced("{print $1}") == "{print $1}");
    CHECK(replaced("{\"a\":{\"port\":1}}") == "{\"a\":{\"port\":1}}");
    CHECK(replaced("{{port}}") == "{8081}");
    CHECK(replaced("{") == "{");
    CHECK(replaced("}{") == "}{");
}

TEST_CASE("a port that the twin does not have is refused", "[words]") {
    CHECK_THROWS_AS(replaced("{port:http}"), InputError);
    CHECK_THROWS_AS(replace_placeholders("{port}", {"web", 0}, {}), InputError);
}
