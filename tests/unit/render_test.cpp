// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"
#include "core/error.hpp"
#include "twinctl/render.hpp"

using namespace twinctl;

TEST_CASE("each placeholder is replaced, wherever it stands", "[render]") {
    CHECK(render("a @x@ b @y_z@@x@", {{"x", "1"}, {"y_z", "@x@"}}) == "a 1 b @x@1");
}

TEST_CASE("an at sign alone is no placeholder", "[render]") {
    CHECK(render("$@ a@b @@ @X@ \"$@\"", {}) == "$@ a@b @@ @X@ \"$@\"");
}

TEST_CASE("an unknown placeholder and an unused value are errors", "[render]") {
    CHECK_THROWS_AS(render("@x@", {}), InputError);
    CHECK_THROWS_AS(render("x", {{"x", "1"}}), InputError);
}

TEST_CASE("a quoted value is one word of sh", "[render]") {
    CHECK(shell_quoted("") == "''");
    CHECK(shell_quoted("a b") == "'a b'");
    CHECK(shell_quoted("it's $(x) \\ \"") == "'it'\\''s $(x) \\ \"'");
}
