// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <sstream>

#include "core/plain.hpp"
#include "twinctl/plain_stream.hpp"

using namespace twinctl;

TEST_CASE("what a terminal would obey is written out", "[plain]") {
    CHECK(plain("a\x1b[31m\r\x7f\n") == "a\\x1b[31m\\x0d\\x7f\\x0a");
    // CSI of C1: in UTF-8, and the bare byte.
    CHECK(plain("\xc2\x9b" "A") == "\\xc2\\x9bA");
    CHECK(plain("\x9b" "A") == "\\x9bA");
}

TEST_CASE("other languages stay as they are", "[plain]") {
    for (const auto* text : {"é", "ß", "日本", "\xf0\x9f\x90\xa7", "\xc2\xa0"}) {
        CHECK(plain(text) == text);
    }
}

TEST_CASE("what is no UTF-8 hides no control character", "[plain]") {
    // Cut short, longer than need be, and the byte that a length would have swallowed.
    CHECK(plain("\xe2\x82") == "\\xe2\\x82");
    CHECK(plain("\xc0\x9b") == "\\xc0\\x9b");
    CHECK(plain("\xe0\x82\x9b") == "\\xe0\\x82\\x9b");
    CHECK(plain("\xe2\x1b[A") == "\\xe2\\x1b[A");
    CHECK(plain("\xff\xf8") == "\\xff\\xf8");
}

TEST_CASE("a plain stream keeps lines and tabs, and writes at once", "[plain]") {
    std::ostringstream sink;
    PlainStream stream(sink);
    stream << "two\nlines\t" << 42 << '\x1b';
    CHECK(sink.str() == "two\nlines\t42\\x1b");
}
