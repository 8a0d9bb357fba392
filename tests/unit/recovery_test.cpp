// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/openrc.hpp"
#include "fake_world.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/swap.hpp"

using namespace twinctl;

namespace {

using Log = std::vector<std::string>;

Journal interrupted_in(Step step) {
    Journal journal;
    journal.pair = "web";
    journal.from = 0;
    journal.to = 1;
    journal.step = step;
    if (step >= Step::Hup) {
        journal.drain_began = 1000;
        journal.drain_for = 60;
    }
    return journal;
}

bool recover(FakeWorld& world) {
    return Swap("web", world.configs(), world.world()).recover();
}

}  // namespace

TEST_CASE("without a journal there is nothing to recover", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    CHECK_FALSE(recover(world));
    CHECK(world.log.empty());
}

TEST_CASE("a swap that ended before the hang-up is undone", "[recovery]") {
    for (const auto step : {Step::Start, Step::Ready, Step::Switch, Step::Quiesce}) {
        INFO(to_string(step));
        FakeWorld world;
        world.run_twin(0);
        world.run_twin(1);
        world.journal = interrupted_in(step);
        CHECK(recover(world));
        CHECK(world.log == Log{"rc web.1 hup", "rc web.1 stop", "journal cleared",
                               "note undid an interrupted swap of web (it ended in step " +
                                   std::string(to_string(step)) + "): web.0 serves on"});
        CHECK(world.twins[0].view.is_up());
    }
}

TEST_CASE("a swap that cannot be undone says who is up, and stays written down", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.twins[1].on_stop = [](FakeWorld::Twin&) { return false; };
    world.journal = interrupted_in(Step::Ready);
    CHECK_THROWS_WITH(recover(world), Catch::Matchers::StartsWith("cannot undo an interrupted swap, web.1 does not stop:") &&
                                          Catch::Matchers::EndsWith("\nweb.0 is up; `twinctl start web` tries again"));
    CHECK(world.journal);
}

TEST_CASE("a swap that ended after the hang-up is finished", "[recovery]") {
    for (const auto step : {Step::Hup, Step::Drain, Step::Stop}) {
        INFO(to_string(step));
        FakeWorld world;
        world.run_twin(0);
        world.run_twin(1);
        world.journal = interrupted_in(step);
        CHECK(recover(world));
        CHECK(world.log == Log{"journal hup", "rc web.0 hup", "journal drain", "journal stop",
                               "retiring web.0", "rc web.0 stop", "retire web.0", "journal record", "active 1",
                               "ledger", "journal cleared",
                               "note finished an interrupted swap of web (it ended in step " +
                                   std::string(to_string(step)) + "): web.1 is active"});
    }
}

TEST_CASE("the drain of an interrupted swap keeps its own deadline", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.twins[0].connections = 2;
    world.journal = interrupted_in(Step::Drain);
    world.journal->drain_began = world.boot_s() - 55;
    CHECK(recover(world));
    CHECK(world.time_ms >= 5000);
    CHECK(world.time_ms < 5100);
}

TEST_CASE("a wall clock that is set changes no drain, and a journal of before the boot takes nothing off", "[recovery]") {
    for (const std::int64_t jump_s : {-315360000, 0, 315360000}) {
        for (const std::int64_t began : {970, 99999}) {
            FakeWorld world;
            world.run_twin(0);
            world.run_twin(1);
            world.twins[0].connections = 2;
            world.journal = interrupted_in(Step::Drain);
            world.journal->drain_began = began;
            world.wall_at_boot_s += jump_s;
            CHECK(recover(world));
            const auto expected_ms = began == 970 ? 30000 : 60000;
            CHECK(world.time_ms >= expected_ms);
            CHECK(world.time_ms < expected_ms + 100);
        }
    }
}

TEST_CASE("an old twin that was stopped already only needs writing down", "[recovery]") {
    FakeWorld world;
    world.run_twin(1);
    world.journal = interrupted_in(Step::Record);
    CHECK(recover(world));
    CHECK(world.log == Log{"journal stop", "retiring web.0", "rc web.0 stop", "retire web.0", "journal record",
                           "active 1", "ledger", "journal cleared",
                           "note finished an interrupted swap of web (it ended in step record): "
                           "web.1 is active"});
}

TEST_CASE("where the old twin has died, an early swap is finished, not undone", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.twins[0].view.alive = false;
    world.journal = interrupted_in(Step::Ready);
    CHECK(recover(world));
    CHECK(world.twins[1].view.is_up());
    CHECK(world.active_parity == 1);
}

TEST_CASE("where both are down, the journal is only forgotten", "[recovery]") {
    FakeWorld world;
    world.journal = interrupted_in(Step::Drain);
    CHECK(recover(world));
    CHECK(world.log == Log{"journal cleared", "note forgot an interrupted swap of web (it ended in "
                                              "step drain): both twins are down"});
}

TEST_CASE("a new twin that died with the swap is started again", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].view.draining = true;
    world.journal = interrupted_in(Step::Drain);
    CHECK(recover(world));
    CHECK(world.twins[1].view.is_up());
    CHECK(world.twins[0].view.state == ServiceState::Stopped);
}

TEST_CASE("a hung-up new twin whose old one died while it was taken back makes room for that",
          "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.twins[0].view.alive = false;
    world.twins[1].view.draining = true;
    // The guard: it is the last twin.
    world.twins[1].on_stop = [&](FakeWorld::Twin& self) {
        if (!world.twins[0].view.is_up()) {
            return false;
        }
        self.view = {};
        return true;
    };
    world.journal = interrupted_in(Step::Quiesce);
    CHECK(recover(world));
    CHECK(world.twins[0].view.is_up());
    CHECK(world.twins[1].view.state == ServiceState::Stopped);
    CHECK(world.active_parity == 0);
    CHECK_FALSE(world.journal);
}

TEST_CASE("a swap that is killed while it is undone is undone, even if its hang-up was the step it had come to",
          "[recovery]") {
    struct Killed {};
    FakeWorld world;
    world.run_twin(0);
    world.twins[0].on_hup = [](FakeWorld::Twin&) { return false; };
    const auto stop = world.twins[1].on_stop;
    world.twins[1].on_stop = [](FakeWorld::Twin& self) -> bool {
        self.view.draining = true;
        self.view.listening = false;
        throw Killed{};
    };
    CHECK_THROWS_AS(Swap("web", world.configs(), world.world()).run(), Killed);
    world.twins[1].on_stop = stop;
    CHECK(recover(world));
    CHECK(world.twins[0].view.is_up());
    CHECK(world.twins[1].view.state == ServiceState::Stopped);
    CHECK_FALSE(world.journal);
}

TEST_CASE("a swap whose old twin is hung up while it is undone is finished", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    // The guard lets web.1 neither be hung up nor stop then; the other rc-service was forked before the swap was killed.
    world.twins[1].on_hup = [&](FakeWorld::Twin&) {
        world.twins[0].view.draining = true;
        return false;
    };
    world.twins[1].on_stop = [](FakeWorld::Twin&) { return false; };
    world.journal = interrupted_in(Step::Quiesce);
    CHECK(recover(world));
    CHECK(world.twins[1].view.is_up());
    CHECK(world.twins[0].view.state == ServiceState::Stopped);
    CHECK(world.active_parity == 1);
    CHECK_FALSE(world.journal);
}

TEST_CASE("recovery begins when an rc-service that outlived the killed swap has ended", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.journal = interrupted_in(Step::Hup);
    world.orphan = "web.0";
    world.meanwhile = [&](std::int64_t now_ms) {
        if (now_ms == 400) {
            world.log.push_back("the orphan hangs up web.0");
            world.twins[0].on_hup(world.twins[0]);
            world.orphan.clear();
        }
    };
    CHECK(recover(world));
    REQUIRE_FALSE(world.log.empty());
    CHECK(world.log.front() == "the orphan hangs up web.0");
}

TEST_CASE("recovery does not wait for ever for an rc-service that hangs", "[recovery]") {
    FakeWorld world;
    world.run_twin(0);
    world.run_twin(1);
    world.journal = interrupted_in(Step::Hup);
    world.orphan = "web.1";
    CHECK(recover(world));
    CHECK_FALSE(world.journal);
}
