// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "catch.hpp"
#include "core/error.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "fake_world.hpp"
#include "swap_in_memory.hpp"

using namespace twinctl;

TEST_CASE("what preflight finds leaves everything untouched", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    SECTION("no handler for SIGHUP") {
        world.twins[0].hup = SignalFate::Ends;
        CHECK_THROWS_AS(swap(world), InputError);
        CHECK(world.log.empty());
    }
    SECTION("a container in which nothing can be seen") {
        world.blind = "CAP_SYS_PTRACE is missing";
        CHECK_THROWS_WITH(swap(world), "CAP_SYS_PTRACE is missing; nothing was touched");
        CHECK(world.log.empty());
    }
    SECTION("a missing program") {
        world.program_missing = "there is no program 'web'";
        CHECK_THROWS_AS(swap(world), InputError);
        CHECK(world.log.empty());
    }
    SECTION("a failing check") {
        auto configs = world.configs();
        configs[1].check = "web -t";
        world.check_passes = false;
        CHECK_THROWS_AS(swap(world, configs), InputError);
        CHECK(world.log == Log{"check web -t"});
    }
    SECTION("a port of the new twin that is taken") {
        world.taken = {"8081", "pid 7 (nginx)"};
        CHECK_THROWS_WITH(swap(world), "port 8081 of web.1 is taken by pid 7 (nginx); web.0 has not been touched");
        CHECK(world.log.empty());
    }
    SECTION("too little memory for two") {
        world.memory_needed = 2 << 20;
        world.memory_left = 1 << 20;
        CHECK_THROWS_WITH(swap(world),
                          "not enough memory for two: web.0 has 2 MiB, the machine has 1 MiB left; it has not been touched");
        CHECK(world.log.empty());
    }
    CHECK(world.twins[0].view.is_up());
}

TEST_CASE("a pair that is not running is not swapped", "[swap]") {
    FakeWorld world;
    CHECK_THROWS_WITH(swap(world), "web is not running: `twinctl start web` starts it");
    CHECK(world.log.empty());
}

TEST_CASE("a crashed twin is replaced without being hung up", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].view.alive = world.twins[0].view.listening = false;
    CHECK(swap(world).exit == 0);
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "journal ready", "journal stop",
                           "retiring web.0", "rc web.0 stop", "retire web.0", "journal record", "active 1", "ledger",
                           "journal cleared"});
}

TEST_CASE("a twin that a zap forgot is taken back before anything else", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].view.state = ServiceState::Stopped;
    world.twins[0].on_start = [](FakeWorld::Twin& twin) {
        twin.view.state = ServiceState::Started;
        return false;
    };
    CHECK(swap(world).result == "swapped");
    Log expected = {"rc web.0 start"};
    expected.insert(expected.end(), steps_0_to_1.begin(), steps_0_to_1.end());
    CHECK(world.log == expected);
}

TEST_CASE("when both twins are up, the idle one is drained and stopped first", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.active_parity = 0;
    CHECK(swap(world).to == 1);
    Log expected = {"note web.1 is still up from before: it is drained and stopped first",
                    "rc web.1 hup", "rc web.1 stop"};
    expected.insert(expected.end(), steps_0_to_1.begin(), steps_0_to_1.end());
    CHECK(world.log == expected);
}
