// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "catch.hpp"
#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "fake_world.hpp"
#include "swap_in_memory.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"

using namespace twinctl;

namespace {

/// A pair whose public port is steered, twin 0 active.
struct SteeredWorld : FakeWorld {
    SteeredWorld() {
        endpoint = Endpoint::Steer;
        run_twin(0);
        active_parity = 0;
    }
};

struct InheritingWorld : FakeWorld {
    InheritingWorld() {
        endpoint = Endpoint::Inherit;
        run_twin(0);
        active_parity = 0;
    }
};

const Log until_ready = {"journal start", "unretire web.1", "rc web.1 start", "journal ready"};
const Log stopped_old = {"journal drain",  "journal stop", "retiring web.0", "rc web.0 stop",
                         "retire web.0",   "journal record", "active 1",     "ledger",
                         "journal cleared"};

Log joined(std::initializer_list<Log> parts) {
    Log all;
    for (const auto& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace

TEST_CASE("a new twin that fewer clients could reach is not switched to", "[swap]") {
    SteeredWorld world;
    world.lost = "80 by IPv6";
    const auto outcome = swap(world);
    CHECK(outcome.result == "kept");
    CHECK(outcome.message.starts_with("web.0 takes connections to 80 by IPv6, and web.1 does not; "));
    CHECK(world.twins[0].view.is_up());
    CHECK_FALSE(world.twins[1].view.is_up());
}

TEST_CASE("steer: clients are moved and the old listener is quiet before the hang-up", "[switch]") {
    SteeredWorld world;
    world.handshakes = {3, 1};
    CHECK(swap(world).exit == 0);
    CHECK(world.log == joined({until_ready,
                               {"journal switch", "steer to web.1", "active 1", "quiesce web.0",
                                "journal quiesce", "journal hup", "rc web.0 hup"},
                               stopped_old}));
    CHECK(world.time_ms >= 4);
}

TEST_CASE("steer: an old twin that takes its queue slowly is waited for as long as the queue gets shorter", "[switch]") {
    SteeredWorld world;
    // A look every 2 ms: 4 s.
    for (unsigned left = 400; left > 0; --left) {
        world.handshakes.insert(world.handshakes.end(), 5, left);
    }
    CHECK(swap(world).exit == 0);
    CHECK(world.time_ms >= 4000);
    CHECK(world.handshakes.empty());
}

TEST_CASE("steer: handshakes that do not end are waited for until the deadline only", "[switch]") {
    SteeredWorld world;
    world.handshakes.assign(100000, 1);
    CHECK(swap(world).exit == 0);
    CHECK(world.time_ms >= 3000);
    CHECK(world.time_ms < 3200);
}

TEST_CASE("steer: a process that would die of SIGHUP is drained from outside", "[switch]") {
    SteeredWorld world;
    world.twins[0].hup = SignalFate::Ends;
    world.twins[0].connections = 2;
    world.meanwhile = [&](std::int64_t now) { world.twins[0].connections = now < 500 ? 2 : 0; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 0);
    CHECK(outcome.phases_ms.at(Step::Drain) >= 400);
    CHECK(world.log == joined({until_ready,
                               {"journal switch", "steer to web.1", "active 1", "quiesce web.0",
                                "journal quiesce"},
                               stopped_old}));
}

TEST_CASE("steer: with twin_hup=auto a handler for SIGHUP is no promise", "[switch]") {
    SteeredWorld world;
    world.hup_was_rehearsed = false;
    SECTION("nobody has seen that it finishes what it has: it is drained from outside") {
        world.twins[0].connections = 2;
        world.meanwhile = [&](std::int64_t now) { world.twins[0].connections = now < 500 ? 2 : 0; };
        const auto outcome = swap(world);
        CHECK(outcome.exit == 0);
        CHECK(outcome.phases_ms.at(Step::Drain) >= 400);
        CHECK(world.log == joined({until_ready,
                                   {"journal switch", "steer to web.1", "active 1", "quiesce web.0",
                                    "journal quiesce"},
                                   stopped_old}));
    }
    SECTION("the configuration names the signal: it is believed") {
        auto configs = world.configs();
        configs[0].hup = "HUP";
        CHECK(swap(world, configs).exit == 0);
        CHECK(std::find(world.log.begin(), world.log.end(), "rc web.0 hup") != world.log.end());
    }
}

TEST_CASE("inherit: who takes SIGHUP by signalfd is hung up, who ignores it is refused", "[switch]") {
    InheritingWorld world;
    SECTION("blocked in every thread") {
        world.twins[0].hup = SignalFate::Blocked;
        CHECK(swap(world).exit == 0);
        CHECK(std::find(world.log.begin(), world.log.end(), "rc web.0 hup") != world.log.end());
    }
    SECTION("ignored") {
        world.twins[0].hup = SignalFate::Ignored;
        CHECK_THROWS_WITH(swap(world), "web.0 ignores SIGHUP and would go on as before: set twin_hup to its own "
                                       "graceful signal, or to no");
    }
}

TEST_CASE("what a hang-up leaves unanswered is counted as cut", "[switch]") {
    FakeWorld world;
    world.run_twin(0);
    world.unanswered = 7;
    const auto outcome = swap(world);
    CHECK(outcome.result == "swapped");
    CHECK(outcome.exit == 11);
    CHECK(outcome.connections_cut == 7);
    CHECK(outcome.message ==
          "web.1 is active; when it was hung up, web.0 left 7 requests unanswered: see twin_hup in twin.conf(5)");
}

TEST_CASE("steer: where clients cannot be moved the old twin serves on", "[switch]") {
    SteeredWorld world;
    world.switch_fails = true;
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message.find("cannot steer") == 0);
    CHECK(world.twins[0].view.is_up());
    CHECK(world.twins[1].view.state == ServiceState::Stopped);
}

TEST_CASE("steer: a refused hang-up moves the clients back, and whom the new twin took on is served", "[switch]") {
    SteeredWorld world;
    world.twins[0].on_hup = [](FakeWorld::Twin&) { return false; };
    world.twins[1].on_hup = [&](FakeWorld::Twin& twin) {
        twin.connections = 1;
        twin.view.draining = true;
        return true;
    };
    world.meanwhile = [&](std::int64_t now) { world.twins[1].connections = now < 300 ? 1 : 0; };
    const auto outcome = swap(world);
    CHECK(outcome.exit == 10);
    CHECK(world.time_ms >= 300);
    CHECK(world.log == joined({until_ready,
                               {"journal switch", "steer to web.1", "active 1", "quiesce web.0",
                                "journal quiesce", "journal hup", "rc web.0 hup", "journal quiesce", "steer to web.0",
                                "active 0", "quiesce web.1", "rc web.1 hup", "rc web.1 stop", "ledger",
                                "journal cleared"}}));
}

TEST_CASE("inherit: a new twin is told to take no more clients, though nothing can be written down", "[switch]") {
    InheritingWorld world;
    for (auto& twin : world.twins) {
        twin.on_hup = [](FakeWorld::Twin&) { return false; };
    }
    CHECK(swap(world).exit == 10);
    const auto told = std::find(world.log.begin(), world.log.end(), "signal 1 to web.1");
    REQUIRE(told != world.log.end());
    CHECK(std::find(told, world.log.end(), "rc web.1 stop") != world.log.end());
    CHECK(std::find(world.log.begin(), world.log.end(), "signal 1 to web.0") == world.log.end());
}

TEST_CASE("steer: an interrupted swap points back", "[switch]") {
    for (const auto step : {Step::Switch, Step::Quiesce}) {
        SteeredWorld world;
        world.run_twin(1);
        Journal journal;
        journal.pair = "web";
        journal.step = step;
        world.journal = journal;
        CHECK(Swap("web", world.configs(), world.world()).recover());
        CHECK(world.log[0] == "steer to web.0");
        CHECK(world.active_parity == 0);
        CHECK(world.twins[1].view.state == ServiceState::Stopped);
    }
}

TEST_CASE("steer: a swap that ended in the hang-up is finished, the clients with it", "[switch]") {
    SteeredWorld world;
    world.run_twin(1);
    Journal journal;
    journal.pair = "web";
    journal.step = Step::Hup;
    journal.drain_began = 1000;
    journal.drain_for = 60;
    world.journal = journal;
    CHECK(Swap("web", world.configs(), world.world()).recover());
    CHECK(world.log[1] == "steer to web.1");
    CHECK(world.active_parity == 1);
    CHECK(world.twins[0].view.state == ServiceState::Stopped);
}

TEST_CASE("inherit: both take connections, so nothing is switched, and the listener is watched", "[switch]") {
    InheritingWorld world;
    world.shut_down = "80";
    const auto outcome = swap(world);
    CHECK(outcome.exit == 0);
    CHECK(outcome.message == "web.1 is active; web.0 shut down the listener on 80, it was mended");
    CHECK(world.log == joined({{"keep files of web.0"},
                               until_ready,
                               {"keep listeners of web.1", "journal hup", "rc web.0 hup",
                                "note warning: web.0 shut down the listener on 80, which both twins "
                                "share; it listens again"},
                               stopped_old}));
}

TEST_CASE("inherit: a listener that is shut down with the last connection is mended before the stop", "[switch]") {
    struct ShutLate : InheritingWorld {
        int looks = 0;
        bool any_connection(const Record&, int) override { return ++looks < 1; }
        std::string mend_listeners() override { return looks < 2 ? "" : InheritingWorld::mend_listeners(); }
    } world;
    world.shut_down = "80";
    CHECK(swap(world).exit == 0);
    const auto at = [&](const std::string& entry) {
        return std::find(world.log.begin(), world.log.end(), entry) - world.log.begin();
    };
    CHECK(at("note warning: web.0 shut down the listener on 80, which both twins share; it listens again") <
          at("rc web.0 stop"));
}

TEST_CASE("inherit: a new twin that fails is hung up first, for it has taken clients on", "[switch]") {
    InheritingWorld world;
    world.no_answer = "GET /health on port 8081: HTTP/1.1 503";
    auto configs = world.configs();
    configs[1].ready = Ready::Http;
    const auto outcome = swap(world, configs);
    CHECK(outcome.exit == 10);
    CHECK(outcome.message == "web.1 was not ready within 30 s: GET /health on port 8081: HTTP/1.1 503\n"
                             "web.0 serves on, web.1 is stopped");
    CHECK(world.log == joined({{"keep files of web.0"},
                               until_ready,
                               {"rc web.1 hup", "rc web.1 stop", "ledger", "journal cleared"}}));
}

TEST_CASE("inherit: a start that outlives its swap is waited for, then hung up", "[switch]") {
    InheritingWorld world;
    world.journal = Journal{};
    world.journal->pair = "web";
    world.journal->step = Step::Start;
    world.twins[1].view.state = ServiceState::Starting;
    world.twins[1].view.busy = true;
    world.meanwhile = [&](std::int64_t now) {
        if (now >= 200 && world.twins[1].view.busy) {
            world.run_twin(1);
            world.twins[1].view.busy = false;
            world.twins[1].connections = 1;
        }
        if (now >= 500) {
            world.twins[1].connections = 0;
        }
    };
    CHECK(Swap("web", world.configs(), world.world()).recover());
    CHECK(world.time_ms >= 500);
    const auto at = [&](const std::string& entry) {
        return std::find(world.log.begin(), world.log.end(), entry) - world.log.begin();
    };
    CHECK(at("rc web.1 hup") < at("rc web.1 stop"));
}

TEST_CASE("inherit: an old twin that would die of SIGHUP is refused", "[switch]") {
    InheritingWorld world;
    world.twins[0].hup = SignalFate::Ends;
    CHECK_THROWS_AS(swap(world), InputError);
    CHECK(world.log.empty());
}

TEST_CASE("twin_switch is told the new twin, and at a failure the old one again", "[switch]") {
    FakeWorld world;
    world.run_twin(0);
    auto configs = world.configs();
    configs[0].switch_command = configs[1].switch_command = "point";
    SECTION("all goes well") {
        CHECK(swap(world, configs).exit == 0);
        CHECK(world.log == joined({until_ready,
                                   {"journal switch", "point web.1", "active 1", "quiesce web.0",
                                    "journal quiesce", "journal hup", "rc web.0 hup"},
                                   stopped_old}));
    }
    SECTION("the hang-up is refused") {
        world.twins[0].on_hup = [](FakeWorld::Twin&) { return false; };
        CHECK(swap(world, configs).exit == 10);
        CHECK(std::count(world.log.begin(), world.log.end(), "point web.0") == 1);
        CHECK(world.active_parity == 0);
    }
    SECTION("the command fails") {
        world.switch_fails = true;
        const auto outcome = swap(world, configs);
        CHECK(outcome.exit == 10);
        CHECK(outcome.message.find("twin_switch failed:\nno such server") == 0);
        CHECK_FALSE(world.active_parity);
    }
}

TEST_CASE("a swap never changes the endpoint", "[switch]") {
    SteeredWorld world;
    world.endpoint_trouble = "the running twin has endpoint steer on 80, the configuration says direct";
    CHECK_THROWS_WITH(swap(world), "the running twin has endpoint steer on 80, the configuration says "
                                   "direct; `rc-service web restart` changes it, with a gap");
    CHECK(world.log.empty());
}

TEST_CASE("--leave-draining returns with the old twin draining", "[leave]") {
    SteeredWorld world;
    world.twins[0].connections = 7;
    const auto outcome = Swap("web", world.configs(), world.world()).run(true);
    CHECK(outcome.result == "swapped");
    CHECK(outcome.exit == 0);
    CHECK(outcome.message == "web.1 is active; web.0 drains for at most 60 s, 7 connections left");
    REQUIRE(world.journal);
    CHECK(world.journal->left);
    CHECK(world.journal->drain_began == 1000);
    CHECK(world.journal->drain_for == 60);
    CHECK(world.twins[0].view.alive);

    SECTION("another command leaves it alone while it drains") {
        CHECK_FALSE(Swap("web", world.configs(), world.world()).reap_left());
        CHECK(world.twins[0].view.alive);
    }
    SECTION("and stops it when it is done") {
        world.twins[0].connections = 0;
        world.twins[0].view.listening = false;
        CHECK(Swap("web", world.configs(), world.world()).reap_left());
        CHECK_FALSE(world.twins[0].view.alive);
        CHECK_FALSE(world.journal);
    }
    SECTION("or when its deadline has passed, and counts what is cut") {
        world.time_ms += 61000;
        CHECK(Swap("web", world.configs(), world.world()).reap_left());
        CHECK(world.log.back() == "note web.0 has been stopped after its drain: web.1 is active; the drain "
                                  "deadline passed and 7 connections were cut");
    }
    SECTION("the next swap waits until its original deadline, then cuts and counts") {
        world.time_ms += 20000;
        const auto next = swap(world);
        CHECK(next.to == 0);
        CHECK(next.exit == 11);
        CHECK(next.connections_cut == 7);
        CHECK(world.time_ms >= 60000);
        CHECK(world.time_ms < 60400);
    }
}

TEST_CASE("rollback takes back a twin that drains without having been hung up", "[rollback]") {
    SteeredWorld world;
    world.twins[0].hup = SignalFate::Ends;
    world.twins[0].connections = 1;
    Swap("web", world.configs(), world.world()).run(true);
    world.log.clear();
    const auto outcome = Swap("web", world.configs(), world.world()).roll_back();
    CHECK(outcome.exit == 0);
    CHECK(outcome.to == 0);
    CHECK(world.log[1] == "steer to web.0");
    CHECK(world.active_parity == 0);
    CHECK(world.twins[0].view.is_up());
    CHECK_FALSE(world.twins[1].view.alive);
}

TEST_CASE("rollback says so where there is nothing to go back to", "[rollback]") {
    SteeredWorld world;
    SECTION("no swap is known") {
        CHECK_THROWS_AS(Swap("web", world.configs(), world.world()).roll_back(), InputError);
        CHECK(world.log.empty());
    }
    SECTION("the old twin was hung up") {
        world.twins[0].connections = 1;
        Swap("web", world.configs(), world.world()).run(true);
        CHECK_THROWS_WITH(Swap("web", world.configs(), world.world()).roll_back(),
                          "there is nothing to go back to: web.0 has been hung up");
    }
}

TEST_CASE("rollback of an interrupted swap undoes it", "[rollback]") {
    SteeredWorld world;
    world.run_twin(1);
    Journal journal;
    journal.pair = "web";
    journal.step = Step::Quiesce;
    world.journal = journal;
    const auto outcome = Swap("web", world.configs(), world.world()).roll_back();
    CHECK(outcome.to == 0);
    CHECK(world.active_parity == 0);
    CHECK(world.twins[1].view.state == ServiceState::Stopped);
}
