// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "core/openrc.hpp"
#include "fake_world.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/pair_status.hpp"

using namespace twinctl;

TEST_CASE("a path that is no UTF-8 does not keep the status from being shown", "[status]") {
    PairStatus status;
    status.name = "web";
    status.state = "started";
    status.publics = "unix:/run/\xff.sock";
    const auto json = nlohmann::json::parse(status_json({status}));
    CHECK(json.at("pairs").at(0).at("public") == "unix:/run/\xef\xbf\xbd.sock");
}

TEST_CASE("a pair serves where a twin takes new connections, whatever is written down", "[status]") {
    FakeWorld world;
    const auto seen = [&](bool locked = false) { return pair_status("web", world.configs(), world, world, locked); };
    CHECK(seen().state == "stopped");
    CHECK_FALSE(seen().serves);
    world.run_twin(0);
    CHECK(seen().serves);

    SECTION("interrupted, and both twins are dead") {
        world.run_twin(1);
        world.journal = Journal{};
        CHECK(seen().state == "interrupted");
        CHECK(seen().serves);
        world.twins[0].view.alive = world.twins[1].view.alive = false;
        CHECK(seen().state == "interrupted");
        CHECK_FALSE(seen().serves);
    }
    SECTION("the last one is hung up") {
        world.twins[0].view.draining = true;
        CHECK(seen().state == "draining");
        CHECK_FALSE(seen().serves);
    }
    SECTION("OpenRC was made to forget it") {
        world.twins[0].view.state = ServiceState::Stopped;
        CHECK(seen().state == "zapped");
        CHECK(seen().serves);
    }
}
