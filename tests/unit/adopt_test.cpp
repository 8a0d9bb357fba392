// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include "twinctl/adopt.hpp"

using namespace twinctl;

TEST_CASE("who needs a service is found in OpenRC's cache", "[adopt]") {
    const std::string deptree =
        "depinfo_0_service='nginx'\n"
        "depinfo_0_ineed_0='net'\n"
        "depinfo_0_needsme_0='shop'\n"
        "depinfo_0_needsme_1='blog'\n"
        "depinfo_1_service='nginx-exporter'\n"
        "depinfo_1_needsme_0='metrics'\n"
        "depinfo_10_service='net'\n"
        "depinfo_10_needsme_0='nginx'\n";
    CHECK(needed_by(deptree, "nginx") == std::vector<std::string>{"shop", "blog"});
    CHECK(needed_by(deptree, "net") == std::vector<std::string>{"nginx"});
    CHECK(needed_by(deptree, "exporter").empty());
    CHECK(needed_by("", "nginx").empty());
}
