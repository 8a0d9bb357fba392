// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <sstream>

#include "twinctl/progress.hpp"

using namespace twinctl;

TEST_CASE("what is waited for is shown on a terminal, in one row, and wiped", "[progress]") {
    std::ostringstream out;
    TextProgress progress(out, out, 40);
    progress.waiting("drain", "12345 connections left, 59 s to go, and more than fits");
    CHECK(out.str() == "  drain   12345 connections left, 59 s ");
    CHECK(out.str().size() == 39);
    progress.waiting("drain", "12345 connections left, 59 s to go, and more than fits");
    CHECK(out.str().size() == 39);
    out.str("");
    progress.waiting("drain", "1 connection left");
    CHECK(out.str() == "\r\x1b[K  drain   1 connection left");
    out.str("");
    progress.done("drain", "0 connections left", 12);
    CHECK(out.str() == "\r\x1b[K  drain   0 connections left           12 ms\n");
}

TEST_CASE("elsewhere a step is a plain line, and what is waited for is not shown", "[progress]") {
    std::ostringstream out;
    TextProgress progress(out, out, 0);
    progress.begin("web", 0, 1);
    progress.waiting("ready", "30 s to go");
    progress.note("a note");
    CHECK(out.str() == "web: web.0 -> web.1\na note\n");
}
