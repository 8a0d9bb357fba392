// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>

#include <algorithm>
#include <cstdint>

#include "catch.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "fake_world.hpp"
#include "swap_in_memory.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/swap.hpp"

using namespace twinctl;

TEST_CASE("a swap starts the new twin, hangs up the old one, waits, stops it", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    const auto outcome = swap(world);
    CHECK(outcome.result == "swapped");
    CHECK(outcome.exit == 0);
    CHECK(outcome.from == 0);
    CHECK(outcome.to == 1);
    CHECK(world.log == steps_0_to_1);
}

TEST_CASE("a swap goes the other way when twin 1 is active", "[swap]") {
    FakeWorld world;
    world.run_twin(1);
    CHECK(swap(world).to == 0);
    CHECK(world.log[2] == "rc web.0 start");
}

TEST_CASE("each step is in the journal before it is taken", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    Step at_start{}, at_hup{}, at_stop{};
    const auto noting = [&](Step& step, auto original) {
        return [&world, &step, original](FakeWorld::Twin& twin) {
            step = world.journal.value().step;
            return original(twin);
        };
    };
    world.twins[1].on_start = noting(at_start, world.twins[1].on_start);
    world.twins[0].on_hup = noting(at_hup, world.twins[0].on_hup);
    world.twins[0].on_stop = noting(at_stop, world.twins[0].on_stop);
    swap(world);
    CHECK(at_start == Step::Start);
    CHECK(at_hup == Step::Hup);
    CHECK(at_stop == Step::Stop);
}

TEST_CASE("swap leaves the old twin running when the new one cannot be started", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].on_start = [](FakeWorld::Twin&) { return false; };
    const auto outcome = swap(world);
    CHECK(outcome.result == "kept");
    CHECK(outcome.exit == 10);
    CHECK(outcome.message ==
          "web.1 could not be started:\nrc-service said no\nweb.0 serves on, web.1 is stopped");
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "unretire web.1",
                           "rc web.1 start", "unretire web.1", "rc web.1 start", "rc web.1 stop",
                           "ledger", "journal cleared"});
    CHECK(world.twins[0].view.is_up());
}

TEST_CASE("a start that was ended at its deadline leaves no process behind", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        const bool again = twin.view.alive;
        if (!again) {
            world.run_twin(1);
        }
        // OpenRC forgets it; a start after that finds it and gives it back.
        twin.view.state = again ? ServiceState::Started : ServiceState::Stopped;
        world.time_ms += again ? 0 : 30000;
        return false;
    };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message.find("it did not come to its end in 30 s") != std::string::npos);
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "rc web.1 hup", "rc web.1 start",
                           "rc web.1 stop", "ledger", "journal cleared"});
    CHECK_FALSE(world.twins[1].view.alive);
}

TEST_CASE("swap leaves the old twin running when the new one never becomes ready", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        world.run_twin(1);
        twin.view.listening = false;
        return true;
    };
    world.elsewhere = "127.0.0.1:9999";
    world.lines = "no idea why";
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message == "web.1 was not ready within 30 s: it does not listen on port 8081, but "
                             "on 127.0.0.1:9999\nweb.1 said last:\nno idea why\n"
                             "web.0 serves on, web.1 is stopped");
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "journal ready", "rc web.1 stop",
                           "ledger", "journal cleared"});
    CHECK(world.time_ms >= 30000);
    CHECK(world.time_ms < 30100);
}

TEST_CASE("a new twin that dies is seen at once, not at the deadline", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        world.run_twin(1);
        twin.view.listening = false;
        return true;
    };
    world.meanwhile = [&](std::int64_t now) { world.twins[1].view.alive = now < 10; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message.substr(0, 30) == "web.1 ended before it was read");
    CHECK(world.time_ms == 10);
}

TEST_CASE("a new twin that its supervisor has brought back has died, too", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        world.run_twin(1);
        twin.view.listening = false;
        return true;
    };
    world.meanwhile = [&](std::int64_t now) {
        if (now == 5) {
            world.run_twin(1);
        }
    };
    CHECK(swap(world).exit == 10);
}

TEST_CASE("swap waits for the old twin's connections", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].connections = 3;
    world.meanwhile = [&](std::int64_t now) {
        if (now >= 2000) {
            world.twins[0].connections = 0;
            world.twins[0].view.listening = false;
        }
    };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 0);
    CHECK(outcome.phases_ms.at(Step::Drain) >= 2000);
    CHECK(world.log == steps_0_to_1);
}

TEST_CASE("connections that do not end are cut at the deadline, and counted", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].connections = 3;
    const auto outcome = swap(world);
    CHECK(outcome.result == "swapped");
    CHECK(outcome.exit == 11);
    CHECK(outcome.connections_cut == 3);
    CHECK(outcome.phases_ms.at(Step::Drain) >= 60000);
    CHECK(outcome.phases_ms.at(Step::Drain) < 60100);
}

TEST_CASE("an old twin that keeps its listener is given a second, then stopped", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [](FakeWorld::Twin& twin) { return twin.view.draining = true; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 0);
    CHECK(outcome.phases_ms.at(Step::Drain) >= 1000);
    CHECK(outcome.phases_ms.at(Step::Drain) < 1100);
}

TEST_CASE("a refused hang-up undoes the swap", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [](FakeWorld::Twin&) { return false; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "journal ready", "journal hup",
                           "rc web.0 hup", "journal quiesce", "rc web.1 hup", "rc web.1 stop", "ledger", "journal cleared"});
}

TEST_CASE("a hang-up that was done but reported as failed is not undone", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [](FakeWorld::Twin& twin) {
        twin.view.draining = true;
        twin.view.listening = false;
        return false;
    };
    CHECK(swap(world).result == "swapped");
    CHECK(world.log == steps_0_to_1);
}

TEST_CASE("twin_hup=no sends no signal and does not wait", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].hup = SignalFate::Ends;
    world.twins[0].connections = 5;
    auto configs = world.configs();
    configs[0].hup = "no";
    CHECK(swap(world, configs).exit == 0);
    CHECK(world.log == Log{"journal start", "unretire web.1", "rc web.1 start", "journal ready", "journal stop",
                           "retiring web.0", "rc web.0 stop", "retire web.0", "journal record", "active 1", "ledger",
                           "journal cleared"});
}

TEST_CASE("an interruption before the hang-up undoes the swap", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        world.run_twin(1);
        twin.view.listening = false;
        world.signal = SIGTERM;
        return true;
    };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 128 + SIGTERM);
    CHECK(outcome.result == "kept");
    CHECK(world.twins[0].view.is_up());
}

TEST_CASE("an interruption after the hang-up does not stop the swap", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].connections = 1;
    world.meanwhile = [&](std::int64_t now) {
        world.signal = SIGINT;
        if (now > 100) {
            world.twins[0].connections = 0;
            world.twins[0].view.listening = false;
        }
    };
    CHECK(swap(world).exit == 0);
}

TEST_CASE("a full disk does not make a swap fail that is done", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.ledger_fails = true;
    CHECK(swap(world).exit == 0);
    CHECK_FALSE(world.journal);
}

TEST_CASE("a new twin that has died, and that OpenRC keeps started, is started again", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [&](FakeWorld::Twin& self) {
        self.view.draining = true;
        self.view.listening = false;
        world.twins[1].view.alive = false;
        return true;
    };
    world.twins[1].on_stop = [](FakeWorld::Twin&) { return false; };
    world.twins[1].on_start = [&](FakeWorld::Twin& self) {
        if (self.view.state == ServiceState::Stopped) {
            world.run_twin(1);
        }
        return true;
    };
    CHECK(swap(world).exit == 0);
    CHECK(world.twins[1].view.is_up());
}

TEST_CASE("a new twin that dies while the old one drains is started again", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].connections = 1;
    bool killed = false;
    world.meanwhile = [&](std::int64_t now) {
        if (!killed) {
            killed = true;
            world.twins[1].view.alive = false;
        }
        if (now > 100) {
            world.twins[0].connections = 0;
            world.twins[0].view.listening = false;
        }
    };
    CHECK(swap(world).exit == 0);
    CHECK(world.twins[1].view.is_up());
}

TEST_CASE("a service that somebody else is at is waited for", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].view.busy = true;
    world.meanwhile = [&](std::int64_t now) {
        if (now >= 300) {
            world.twins[1].view.busy = false;
        }
    };
    CHECK(swap(world).exit == 0);
    CHECK(world.log == steps_0_to_1);
    CHECK(world.time_ms >= 300);
}

TEST_CASE("a start of what runs already is no end of it", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    std::int64_t over_ms = 0;
    world.twins[0].on_hup = [&](FakeWorld::Twin& twin) {
        twin.view.draining = true;
        twin.view.listening = false;
        world.twins[1].view.state = ServiceState::Starting;
        world.twins[1].view.busy = true;
        over_ms = world.time_ms + 200;
        return true;
    };
    world.meanwhile = [&](std::int64_t now) {
        if (over_ms > 0 && now >= over_ms) {
            world.twins[1].view.state = ServiceState::Started;
            world.twins[1].view.busy = false;
        }
    };
    CHECK(swap(world).exit == 0);
    CHECK(world.log == steps_0_to_1);
}

TEST_CASE("the old twin is not stopped while the new one is dead", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [&](FakeWorld::Twin& twin) {
        // It ends by itself, and at the same moment the new one dies.
        twin.view.draining = true;
        twin.view.alive = false;
        world.twins[1].view.alive = world.twins[1].view.listening = false;
        return true;
    };
    SECTION("it is started again first") {
        CHECK(swap(world).exit == 0);
        CHECK(world.twins[1].view.is_up());
    }
    SECTION("where it does not start again, the swap is left to the next command") {
        int starts = 0;
        const auto start = world.twins[1].on_start;
        world.twins[1].on_start = [&, start](FakeWorld::Twin& twin) {
            return ++starts == 1 && start(twin);
        };
        CHECK_THROWS_WITH(swap(world), Catch::Matchers::EndsWith("\nno twin is up; `twinctl start web` tries again"));
        CHECK(world.journal);
    }
}

TEST_CASE("a new twin that a shutdown has stopped is not started again", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [&](FakeWorld::Twin& twin) {
        twin.view.draining = true;
        twin.view.alive = false;
        world.twins[1].view = {};
        return true;
    };
    CHECK_THROWS_WITH(swap(world), "web.1 was stopped meanwhile, the swap ends here: `twinctl start web` starts it");
    CHECK(world.twins[1].view.state == ServiceState::Stopped);
}

TEST_CASE("a new twin that its supervisor has given up is started again", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [&](FakeWorld::Twin& twin) {
        twin.view.draining = true;
        twin.view.alive = false;
        world.twins[1].view = {};
        world.twins[1].view.given_up = true;
        return true;
    };
    CHECK(swap(world).exit == 0);
    CHECK(world.twins[1].view.is_up());
}

TEST_CASE("without a hang-up a dead new twin leaves the old one where it is", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    auto configs = world.configs();
    configs[0].hup = "no";
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        world.run_twin(1);
        twin.view.state = ServiceState::Starting;
        return true;
    };
    const auto outcome = swap(world, configs);
    CHECK(outcome.result == "kept");
    CHECK(outcome.exit == 10);
    CHECK(world.twins[0].view.is_up());
    CHECK_FALSE(world.active_parity);
}

TEST_CASE("a kept twin that had crashed is not said to serve", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].view.alive = world.twins[0].view.listening = false;
    world.twins[1].on_start = [](FakeWorld::Twin&) { return false; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 1);
    CHECK(outcome.message.find("nothing serves, `twinctl start web`") != std::string::npos);
}

TEST_CASE("a signal that came before the start starts nothing", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.signal = SIGTERM;
    CHECK(swap(world).exit == 128 + SIGTERM);
    CHECK(world.log == Log{"rc web.1 stop", "ledger", "journal cleared"});
}

TEST_CASE("a swap can be told without being done", "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    Swap dry("web", world.configs(), world.world());
    CHECK(dry.plan() == "rc-service web.1 start\n"
                        "wait until web.1 is ready (port 8081, at most 30 s)\n"
                        "rc-service web.0 hup\n"
                        "wait until web.0 has finished its connections (at most 60 s)\n"
                        "rc-service web.0 stop\n");
    CHECK(world.log.empty());
}

TEST_CASE("direct: a new twin that does not get ready finishes what a balancer has sent it, and what is cut is counted",
          "[swap]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[1].waits = false;
    world.twins[1].takes_what_comes = false;
    world.twins[1].on_start = [&](FakeWorld::Twin& twin) {
        world.run_twin(1);
        twin.connections = 2;
        return true;
    };
    SECTION("it finishes") {
        world.meanwhile = [&](std::int64_t now_ms) {
            world.twins[1].connections = now_ms < 33000 ? 2 : 0;
            world.twins[1].view.listening = !world.twins[1].view.draining || now_ms < 33000;
        };
        const auto outcome = swap(world);
        CHECK(outcome.exit == 10);
        CHECK(outcome.connections_cut == 0);
        CHECK(world.time_ms >= 33000);
    }
    SECTION("it does not") {
        const auto outcome = swap(world);
        CHECK(outcome.exit == 10);
        CHECK(outcome.connections_cut == 2);
        CHECK(outcome.message.find("2 connections were cut that web.1 had taken") != std::string::npos);
    }
    CHECK(std::count(world.log.begin(), world.log.end(), "rc web.1 hup") == 1);
}
