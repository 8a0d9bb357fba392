// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <vector>

#include "catch.hpp"
#include "core/error.hpp"
#include "core/openrc.hpp"
#include "core/record.hpp"
#include "fake_world.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/swap.hpp"

using namespace twinctl;

namespace {

FakeWorld released() {
    FakeWorld world;
    world.releases = "/srv/twins/web";
    world.slots[0] = "r1";
    world.run_twin(0);
    return world;
}

}  // namespace

TEST_CASE("a release is in the new twin's slot before that is started, and in the journal before", "[release]") {
    auto world = released();
    const auto outcome = Swap("web", world.configs(), world.world()).run(false, "r2");
    CHECK(outcome.exit == 0);
    CHECK(outcome.release == "r2");
    CHECK(std::vector<std::string>(world.log.begin(), world.log.begin() + 5) ==
          std::vector<std::string>{"journal start", "slot 1 r2", "journal start", "unretire web.1", "rc web.1 start"});
    CHECK(std::find(world.log.begin(), world.log.end(), "before r1") != world.log.end());
}

TEST_CASE("a swap without a release takes that of the old twin", "[release]") {
    auto world = released();
    world.slots[1] = "r0";
    CHECK(Swap("web", world.configs(), world.world()).run().release == "r1");
    CHECK(world.slots[1] == "r1");
}

TEST_CASE("a release that does not become ready leaves the slot as it was", "[release]") {
    auto world = released();
    world.slots[1] = "r0";
    world.twins[1].on_start = [](FakeWorld::Twin& self) {
        self.view.record = Record{};
        self.view.record->process = {4711, 1};
        return false;
    };
    const auto outcome = Swap("web", world.configs(), world.world()).run(false, "r2");
    CHECK(outcome.exit == 10);
    CHECK(outcome.new_twin_failed);
    CHECK(world.slots[1] == "r0");
    CHECK_FALSE(world.journal);
}

TEST_CASE("a start that fails before there is any process is not the release's fault", "[release]") {
    auto world = released();
    world.twins[1].on_start = [](FakeWorld::Twin&) { return false; };
    const auto outcome = Swap("web", world.configs(), world.world()).run(false, "r2");
    CHECK(outcome.exit == 10);
    CHECK_FALSE(outcome.new_twin_failed);
}

TEST_CASE("a release that dies after the hang-up makes room for the old one, in the new twin's place", "[release]") {
    auto world = released();
    world.twins[0].on_hup = [&](FakeWorld::Twin& self) {
        self.view.draining = true;
        self.view.listening = false;
        world.twins[1].view.alive = false;
        return true;
    };
    const auto start = world.twins[1].on_start;
    int starts = 0;
    world.twins[1].on_start = [&](FakeWorld::Twin& self) {
        ++starts;
        return world.slots[1] == "r1" || starts == 1 ? start(self) : false;
    };
    const auto outcome = Swap("web", world.configs(), world.world()).run(false, "r2");
    CHECK(outcome.exit == 10);
    CHECK(outcome.result == "kept");
    CHECK(outcome.new_twin_failed);
    CHECK(world.slots[1] == "r1");
    CHECK(world.twins[1].view.is_up());
    CHECK(world.twins[0].view.state == ServiceState::Stopped);
    CHECK(world.active_parity == 1);
    CHECK_FALSE(world.journal);
}

TEST_CASE("a swap that is refused before its first step leaves the slot as it was", "[release]") {
    auto world = released();
    world.program_missing = "there is no such program";
    CHECK_THROWS_AS(Swap("web", world.configs(), world.world()).run(false, "r2"), InputError);
    CHECK(world.slots[1].empty());
    CHECK_FALSE(world.journal);
}

TEST_CASE("an interrupted swap that is undone puts the slot back", "[release]") {
    auto world = released();
    world.slots[1] = "r2";
    world.run_twin(1);
    Journal journal;
    journal.pair = "web";
    journal.step = Step::Ready;
    journal.slot_before = "r0";
    world.journal = journal;
    CHECK(Swap("web", world.configs(), world.world()).recover());
    CHECK(world.slots[1] == "r0");
}

TEST_CASE("one that is finished keeps it", "[release]") {
    auto world = released();
    world.slots[1] = "r2";
    world.run_twin(1);
    Journal journal;
    journal.pair = "web";
    journal.step = Step::Drain;
    journal.slot_before = "r0";
    world.journal = journal;
    CHECK(Swap("web", world.configs(), world.world()).recover());
    CHECK(world.slots[1] == "r2");
}

TEST_CASE("the journal keeps what the slot led to", "[release]") {
    Journal journal;
    journal.pair = "web";
    CHECK_FALSE(parse_journal(journal_json(journal)).slot_before);
    journal.slot_before = "";
    CHECK(parse_journal(journal_json(journal)).slot_before == "");
    journal.slot_before = "r1";
    CHECK(parse_journal(journal_json(journal)).slot_before == "r1");
    journal.slot_before = "../../etc";
    CHECK_THROWS_AS(parse_journal(journal_json(journal)), SystemError);
}
