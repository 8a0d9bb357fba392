// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sys/socket.h>

#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/public_socket.hpp"
#include "core/steer_program.hpp"

using namespace twinctl;

TEST_CASE("the name of a program is another one for other public sockets", "[steer]") {
    std::set<std::string> names;
    const std::vector<std::string> lists = {"80",          "81",
                                            "[::]:80",     "0.0.0.0:80",
                                            "[::1]:80",    "127.0.0.1:80",
                                            "[::2]:80",    "127.0.0.2:80",
                                            "80 x=81",     "x=81 main=80",
                                            "80 x=[::]:80"};
    for (const auto& list : lists) {
        const auto name = steer_program_name(parse_public(list));
        INFO(list);
        CHECK(name.size() == 15);
        CHECK(name.starts_with("twin_"));
        CHECK(names.insert(name).second);
        CHECK(steer_program_name(parse_public(list)) == name);
    }
}

TEST_CASE("a Unix socket cannot be steered", "[steer]") {
    CHECK_THROWS_WITH(steer_program_name(parse_public("unix:/run/x")),
                      "public socket 'unix:/run/x': only TCP can be steered");
}

TEST_CASE("a public socket takes the family of its address, or both", "[steer]") {
    const auto both = parse_public("80").front();
    const auto v4 = parse_public("0.0.0.0:80").front();
    const auto v6 = parse_public("[::1]:80").front();
    CHECK((takes_family(both, AF_INET) && takes_family(both, AF_INET6)));
    CHECK((takes_family(v4, AF_INET) && !takes_family(v4, AF_INET6)));
    CHECK((!takes_family(v6, AF_INET) && takes_family(v6, AF_INET6)));
}
