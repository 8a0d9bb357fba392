// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <string>
#include <vector>

#include "core/public_socket.hpp"
#include "core/quiesce.hpp"
#include "twinctl/adopt.hpp"
#include "twinctl/service_processes.hpp"

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

TEST_CASE("where a service is reached, the pair has to be", "[adopt]") {
    const LocalPort any4{"0.0.0.0", 80};
    const LocalPort any6{"::", 80};
    const LocalPort one4{"192.0.2.1", 80};
    const auto publics = [](const char* text) { return parse_public(text).front(); };

    SECTION("a listener on :: takes IPv4 as well, unless another has it") {
        CHECK(reach_of(any6, {any6}).ipv4);
        CHECK_FALSE(reach_of(any6, {any4, any6}).ipv4);
        CHECK(reach_of(any6, {{"0.0.0.0", 443}, any6}).ipv4);
        CHECK_FALSE(reach_of(any4, {any4}).ipv6);
        CHECK_FALSE(reach_of({"::1", 80}, {}).ipv4);
    }
    SECTION("a port without an address covers all") {
        for (const auto& theirs : {any4, any6, one4}) {
            CHECK(covers(publics("80"), reach_of(theirs, {theirs})));
        }
        CHECK_FALSE(covers(publics("81"), reach_of(any4, {any4})));
    }
    SECTION("one with an address covers that, or its family") {
        CHECK(covers(publics("0.0.0.0:80"), reach_of(one4, {one4})));
        CHECK_FALSE(covers(publics("0.0.0.0:80"), reach_of(any6, {any6})));
        CHECK(covers(publics("[::]:80"), reach_of(any6, {any4, any6})));
        CHECK_FALSE(covers(publics("[::]:80"), reach_of(any6, {any6})));
        CHECK(covers(publics("192.0.2.1:80"), reach_of(one4, {one4})));
        CHECK_FALSE(covers(publics("192.0.2.1:80"), reach_of(any4, {any4})));
    }
    SECTION("what overlaps meets") {
        CHECK(meets(publics("192.0.2.1:80"), any4));
        CHECK(meets(publics("80"), one4));
        CHECK_FALSE(meets(publics("192.0.2.1:80"), {"192.0.2.2", 80}));
        CHECK_FALSE(meets(publics("80"), {"0.0.0.0", 443}));
    }
}

TEST_CASE("what OpenRC has noted of a service", "[adopt]") {
    CHECK(noted_pidfile("exec=/bin/sleep\nargv_0=/bin/sleep\npidfile=/run/x.pid\n") == "/run/x.pid");
    CHECK(noted_pidfile("exec=/bin/sleep\n").empty());
    CHECK(is_in_cgroup("9:cpu:/\n0::/openrc.nginx\n", "nginx"));
    CHECK_FALSE(is_in_cgroup("0::/openrc.nginx-exporter\n", "nginx"));
}
