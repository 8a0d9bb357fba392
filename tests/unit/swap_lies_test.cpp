// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// rc-service says that it is done, and it is not.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "catch.hpp"
#include "core/openrc.hpp"
#include "core/serving.hpp"
#include "fake_world.hpp"
#include "swap_in_memory.hpp"
#include "twinctl/journal.hpp"

using namespace twinctl;

TEST_CASE("a hang-up that was only said to be done undoes the swap", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [](FakeWorld::Twin&) { return true; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message == "web.0 was not hung up, though rc-service says so\nweb.0 serves on, web.1 is stopped");
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "journal ready",
                           "journal hup", "rc web.0 hup", "journal quiesce", "rc web.1 hup", "rc web.1 stop", "ledger",
                           "journal cleared"});
    CHECK(world.twins[0].view.is_up());
}

TEST_CASE("a stop that was only said to be done is tried again", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    int lies = 1;
    world.twins[0].on_stop = [&, original = world.twins[0].on_stop](FakeWorld::Twin& twin) {
        return lies-- > 0 || original(twin);
    };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 0);
    CHECK(world.twins[0].view.state == ServiceState::Stopped);
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "journal ready",
                           "journal hup", "rc web.0 hup", "journal drain", "journal stop",
                           "retiring web.0", "rc web.0 stop", "rc web.0 stop", "retire web.0",
                           "journal record", "active 1", "ledger", "journal cleared"});
}

TEST_CASE("a stop that is never done is reported, and is left to the next command", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_stop = [](FakeWorld::Twin&) { return true; };
    const auto outcome = swap(world);
    CHECK(outcome.result == "swapped");
    CHECK(outcome.exit == 1);
    CHECK(outcome.message == "web.1 serves, but web.0 could not be stopped, though rc-service says so; "
                             "the next twinctl command tries again");
    REQUIRE(world.journal);
    CHECK(world.journal->step == Step::Stop);
}

TEST_CASE("a script that puts its service into the background is no twin, though the port is open", "[swap]") {
    for (const auto& [holder, ends_at_ms] : {std::pair{Holder::Child, 900}, std::pair{Holder::Background, 4900}}) {
        FakeWorld world;
        world.run_twin(0);
        world.twins[1].holder = holder;
        world.meanwhile = [&world, end = ends_at_ms](std::int64_t now_ms) {
            world.twins[1].view.alive = now_ms < end && world.twins[1].view.alive;
        };
        const auto outcome = swap(world);
        CHECK(outcome.exit == 10);
        CHECK(outcome.message == "web.1 ended before it was ready\nweb.0 serves on, web.1 is stopped");
        CHECK(world.twins[0].view.is_up());
    }
}

TEST_CASE("a script that waits for its service to end is a twin", "[swap]") {
    for (const auto holder : {Holder::Itself, Holder::Child, Holder::Background}) {
        FakeWorld world;
        world.run_twin(0);
        world.twins[1].holder = holder;
        CHECK(swap(world).exit == 0);
        CHECK((world.time_ms < 100) == (holder == Holder::Itself));
        CHECK(world.time_ms < 5100);
    }
}

TEST_CASE("a master that listens before a worker takes connections is not ready", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].waits = false;
    world.twins[1].takes_what_comes = false;
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message == "web.1 was not ready within 30 s: it listens on port 8081, but no process of it takes "
                             "connections\nweb.0 serves on, web.1 is stopped");
    CHECK(world.twins[0].view.is_up());
}

TEST_CASE("a service that is never seen waiting for connections is asked after a second", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].waits = false;
    CHECK(swap(world).exit == 0);
    CHECK(std::count(world.log.begin(), world.log.end(), "ask web.1") == 1);
    CHECK(world.time_ms >= 1000);
    CHECK(world.time_ms < 1100);
}

TEST_CASE("an old twin whose stop was believed, and that lives on, is stopped all the same", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    int killed_scripts = 1;
    world.twins[0].on_stop = [&, original = world.twins[0].on_stop](FakeWorld::Twin& twin) {
        if (killed_scripts-- > 0) {
            twin.view.state = ServiceState::Stopped;
            return true;
        }
        return original(twin);
    };
    // What lives is given back to OpenRC, and the start fails.
    world.twins[0].on_start = [](FakeWorld::Twin& twin) {
        twin.view.state = ServiceState::Started;
        return false;
    };
    CHECK(swap(world).exit == 0);
    CHECK_FALSE(world.twins[0].view.alive);
}

TEST_CASE("a worker that outlives the old twin and still takes connections is ended, and named", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.left_behind = "pid 612 (worker)";
    CHECK(swap(world).exit == 0);
    CHECK(std::count(world.log.begin(), world.log.end(),
                     "note warning: web.0 left pid 612 (worker) behind, which still took connections: ended") == 1);
}
