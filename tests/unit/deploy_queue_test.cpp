// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/deploy_queue.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "twinctl/config.hpp"
#include "twinctl/upload.hpp"

using namespace twinctl;

namespace {

using End = DeployQueue::End;
using Ids = std::vector<std::string>;

/// A queue and what it looks at: what has come in, the last one in front, and what it is done with.
struct Scene {
    DeployQueue queue{ReleaseSettings{"/r", "/r/incoming"}};
    std::vector<Arrival> arrivals;
    Ids seen;
    std::map<std::string, UploadStamp> stamps;

    void arrive(const std::string& id, std::int64_t now_ms) {
        arrivals.insert(arrivals.begin(), {id, now_ms});
        queue.note_change(now_ms);
    }

    std::optional<std::string> choose(std::int64_t now_ms) {
        return queue.choose(now_ms, arrivals, seen, [&](const std::string& id) { return stamps[id]; });
    }
};

}  // namespace

TEST_CASE("nothing is due until something changes, and then when it has settled", "[deploy]") {
    Scene scene;
    CHECK_FALSE(scene.queue.due_ms());
    scene.arrive("r1", 1000);
    CHECK(scene.queue.due_ms() == 3000);
    scene.queue.note_change(2500);
    CHECK(scene.queue.due_ms() == 4500);
}

TEST_CASE("changes without an end do not put it off for ever", "[deploy]") {
    Scene scene;
    for (int now = 1000; now < 60000; now += 500) {
        scene.queue.note_change(now);
    }
    CHECK(scene.queue.due_ms() == 21000);
}

TEST_CASE("the newest wins, and only what has not been seen", "[deploy]") {
    Scene scene;
    scene.arrive("r1", 1000);
    scene.arrive("r2", 1001);
    scene.arrive("r3", 1002);
    CHECK(scene.choose(3000) == "r3");
    CHECK(scene.queue.is_deploying());
    CHECK_FALSE(scene.queue.due_ms());
    scene.seen = {"r1", "r2", "r3"};
    scene.queue.note_end(3500, End::Deployed);
    CHECK_FALSE(scene.choose(6000));
    CHECK_FALSE(scene.queue.due_ms());
}

TEST_CASE("what comes in meanwhile is deployed after it, not sooner than the interval", "[deploy]") {
    Scene scene;
    scene.arrive("r1", 1000);
    CHECK(scene.choose(3000) == "r1");
    scene.arrive("r2", 3100);
    scene.arrive("r3", 3200);
    scene.seen = {"r1"};
    scene.queue.note_end(3500, End::Deployed);
    CHECK(scene.queue.due_ms() == 13000);
    CHECK(scene.choose(13000) == "r3");
}

TEST_CASE("the one before a refused one has its turn", "[deploy]") {
    Scene scene;
    scene.arrive("good", 1000);
    scene.arrive("bad", 1001);
    CHECK(scene.choose(3000) == "bad");
    scene.queue.note_end(3100, End::Refused);
    CHECK(scene.choose(13000) == "good");
}

TEST_CASE("what was refused is tried again only when it has changed", "[deploy]") {
    Scene scene;
    scene.arrive("bad", 1000);
    scene.stamps["bad"] = {3, 100, 1000};
    CHECK(scene.choose(3000) == "bad");
    scene.queue.note_end(3100, End::Refused);
    CHECK_FALSE(scene.choose(13000));
    scene.stamps["bad"].changed_ns = 2000;
    CHECK(scene.choose(14000) == "bad");
}

TEST_CASE("what was hindered is tried again, ever more seldom, and nothing older in its place", "[deploy]") {
    Scene scene;
    scene.arrive("r0", 999);
    scene.arrive("r1", 1000);
    std::int64_t now = 3000;
    std::vector<std::int64_t> pauses;
    CHECK(scene.choose(now) == "r1");
    for (int round = 0; round < 8; ++round) {
        const auto ended = now;
        scene.queue.note_end(now, End::Hindered);
        std::optional<std::string> chosen;
        while (!chosen) {
            now = scene.queue.due_ms().value();
            chosen = scene.choose(now);
        }
        CHECK(chosen == "r1");
        pauses.push_back((now - ended) / 1000);
    }
    CHECK(pauses == std::vector<std::int64_t>{10, 10, 20, 40, 80, 160, 300, 300});
}

TEST_CASE("a newer one does not wait for what hindered the one before", "[deploy]") {
    Scene scene;
    scene.arrive("r1", 1000);
    for (std::int64_t now = 3000; now < 300000;) {
        if (scene.choose(now)) {
            scene.queue.note_end(now, End::Hindered);
        }
        now = scene.queue.due_ms().value();
    }
    scene.arrive("r2", 310000);
    CHECK(scene.queue.due_ms() == 312000);
    CHECK(scene.choose(312000) == "r2");
}

TEST_CASE("what cannot be looked at is not looked at again at once", "[deploy]") {
    Scene scene;
    scene.arrive("r1", 1000);
    scene.queue.postpone(3000);
    CHECK_FALSE(scene.queue.due_ms());
    scene.queue.note_change(4000);
    CHECK(scene.choose(6000) == "r1");
    scene.queue.note_end(6000, End::Hindered);
    scene.queue.postpone(20000);
    CHECK(scene.queue.due_ms() == 25000);
}
