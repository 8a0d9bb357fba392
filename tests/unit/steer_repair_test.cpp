// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/steer_pins.hpp"
#include "steer_fixture.hpp"
#include "tcp.hpp"

using namespace twinctl;

TEST_CASE("it stands for exactly the public sockets it was attached for", IN_NAMESPACES) {
    SteeredPair web("80 x=81", "8080 x=8082");
    CHECK_FALSE(web.steer.stands(web.publics));
    CHECK_FALSE(web.steer.active());
    CHECK_THROWS_AS(web.steer.point_at(0), SystemError);
    web.steer.attach(web.publics, 1);
    CHECK(web.steer.stands(web.publics));
    CHECK_FALSE(web.steer.stands(parse_public("80")));
    CHECK_FALSE(web.steer.stands(parse_public("80 x=82")));
    CHECK_FALSE(web.steer.has(parse_public("80"), 0));
    CHECK_THROWS_WITH(web.steer.put(parse_public("80"), web.ports, 0, process_at(getpid()).value()),
                      "web is not steered for its public sockets");
    CHECK(web.steer.active() == 1);
}

TEST_CASE("detach leaves nothing behind, and may be called again", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    SteeredPair other("82", "8080", "other");
    const auto zero = listen_at("0.0.0.0", 8080);
    web.steer.detach();
    for (auto* pair : {&web, &other}) {
        pair->steer.attach(pair->publics, 0);
        REQUIRE(pair->put(0));
    }
    struct stat info {};
    REQUIRE(stat(web.layout.steering().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    web.steer.detach();
    CHECK(reached("127.0.0.1", 80, {&zero}) == -1);
    CHECK(reached("127.0.0.1", 82, {&zero}) == 0);
    CHECK(web.is_mounted());
    other.steer.detach();
    CHECK_FALSE(web.is_mounted());
    CHECK_FALSE(exists(web.layout.steering()));
    // Nothing else was left in the directory.
    CHECK(rmdir(web.layout.runs().c_str()) == 0);
    web.steer.detach();
}

TEST_CASE("what stood for other public sockets serves until the new slots are filled", IN_NAMESPACES) {
    SteeredPair old("80", "8080");
    SteeredPair web("443 x=80", "8082 x=8080");
    const auto plain = listen_at("127.0.0.1", 8080);
    old.steer.attach(old.publics, 0);
    REQUIRE(old.put(0));
    web.steer.attach(web.publics, 0);
    CHECK(web.steer.stands(web.publics));
    CHECK(reached("127.0.0.1", 80, {&plain}) == 0);
    CHECK_FALSE(web.put(0));
    // Once more, with nothing put yet: the one that serves stays.
    web.publics = parse_public("444 x=80");
    web.steer.attach(web.publics, 0);
    CHECK(exists(web.layout.steering() + "/web:old"));
    CHECK(reached("127.0.0.1", 80, {&plain}) == 0);
    // What is put already counts at once: for one port the newer program has the last word.
    const auto newer = listen_at("127.0.0.1", 8084);
    web.ports = parse_ports("8082 x=8084");
    CHECK_FALSE(web.put(0));
    CHECK(reached("127.0.0.1", 80, {&plain, &newer}) == 1);
    const auto secure = listen_at("127.0.0.1", 8082);
    REQUIRE(web.put(0));
    CHECK_FALSE(exists(web.layout.steering() + "/web:old"));
    CHECK(reached("127.0.0.1", 80, {&plain, &newer, &secure}) == 1);
    CHECK(reached("127.0.0.1", 444, {&plain, &newer, &secure}) == 2);
    CHECK(reached("127.0.0.1", 443, {&plain, &newer, &secure}) == -1);
}

TEST_CASE("an attach that was killed at any point is made good by the next", IN_NAMESPACES) {
    const auto zero = listen_at("127.0.0.1", 8080);
    const auto lists = {"80", "80 x=81"};
    int killed = 0;
    int survived = 0;
    SteeredPair web("80", "8080 x=8082");
    web.ports[1].base = 8080;
    for (int delay = 0; delay < 120; ++delay) {
        const pid_t child = fork();
        if (child == 0) {
            for (const auto* list : lists) {
                web.steer.attach(parse_public(list), 0);
            }
            web.steer.detach();
            _exit(0);
        }
        usleep(static_cast<useconds_t>(delay) * 20);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        (WIFSIGNALED(status) ? killed : survived) += 1;
        INFO("after " << delay * 20 << " us");
        web.publics = parse_public(delay % 2 == 0 ? "80" : "80 x=81");
        web.steer.attach(web.publics, 0);
        CHECK(web.steer.stands(web.publics));
        REQUIRE(web.put(0));
        CHECK(reached("127.0.0.1", 80, {&zero}) == 0);
        CHECK_FALSE(exists(web.layout.steering() + "/web:new"));
        CHECK_FALSE(exists(web.layout.steering() + "/web:old"));
        if (delay % 3 == 0) {
            web.steer.detach();
            CHECK_FALSE(web.is_mounted());
            CHECK(reached("127.0.0.1", 80, {&zero}) == -1);
        }
    }
    CHECK(killed > 20);
}

TEST_CASE("what an attach leaves that was killed is cleared away, and what serves goes on", IN_NAMESPACES) {
    const auto zero = listen_at("127.0.0.1", 8080);
    SteeredPair old("80", "8080");
    SteeredPair web("80 x=81", "8080 x=8082");
    web.ports[1].base = 8080;
    const SteerPins current(web.layout.steering() + "/web");
    const SteerPins next(current.directory() + ":new");
    const SteerPins previous(current.directory() + ":old");
    for (const auto* killed_after : {"the maps", "the link", "the old one was moved", "both were moved"}) {
        INFO("killed after " << killed_after);
        const std::string_view step = killed_after;
        old.steer.attach(old.publics, 0);
        REQUIRE(old.put(0));
        next.create(web.publics, 0);
        if (step == "the maps") {
            REQUIRE(unlink((next.directory() + "/link").c_str()) == 0);
        }
        if (step.ends_with("moved")) {
            current.move_to(previous);
        }
        if (step == "both were moved") {
            next.move_to(current);
        }
        CHECK(web.steer.stands(web.publics) == (step == "both were moved"));
        CHECK(reached("127.0.0.1", 80, {&zero}) == 0);
        web.steer.attach(web.publics, 0);
        CHECK(web.steer.stands(web.publics));
        CHECK_FALSE(exists(next.directory()));
        CHECK(reached("127.0.0.1", 80, {&zero}) == 0);
        REQUIRE(web.put(0));
        CHECK_FALSE(exists(previous.directory()));
        CHECK(reached("127.0.0.1", 81, {&zero}) == 0);
        web.steer.detach();
    }
}

TEST_CASE("pins without a link are not taken for something that stands", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    const auto zero = listen_at("127.0.0.1", 8080);
    web.steer.attach(web.publics, 0);
    REQUIRE(unlink((web.layout.steering() + "/web/link").c_str()) == 0);
    CHECK_FALSE(web.steer.stands(web.publics));
    CHECK_FALSE(web.steer.active());
    web.steer.attach(web.publics, 0);
    REQUIRE(web.put(0));
    CHECK(reached("127.0.0.1", 80, {&zero}) == 0);
}

TEST_CASE("a pair that is steered in another network namespace is left alone there", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    web.steer.attach(web.publics, 0);
    CHECK(in_child([&] {
              if (unshare(CLONE_NEWNET) != 0 || web.steer.stands(web.publics)) {
                  return 1;
              }
              try {
                  web.steer.attach(web.publics, 1);
              } catch (const SystemError& error) {
                  return std::string(error.what()).starts_with("web is steered in another network namespace")
                             ? 0
                             : 2;
              }
              return 3;
          }) == 0);
    CHECK(web.steer.stands(web.publics));
    CHECK(web.steer.active() == 0);
}

TEST_CASE("what is left of a network namespace that is gone is replaced", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    const auto zero = listen_at("127.0.0.1", 8080);
    REQUIRE(in_child([&] {
                if (unshare(CLONE_NEWNET) != 0) {
                    return 1;
                }
                web.steer.attach(web.publics, 0);
                return 0;
            }) == 0);
    // The kernel takes a namespace down in a work queue of its own.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (web.steer.active() && std::chrono::steady_clock::now() < deadline) {
        usleep(5000);
    }
    CHECK_FALSE(web.steer.active());
    web.steer.attach(web.publics, 0);
    REQUIRE(web.put(0));
    CHECK(reached("127.0.0.1", 80, {&zero}) == 0);
}

TEST_CASE("several processes may attach and detach at once", IN_NAMESPACES) {
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(fork());
        if (children.back() == 0) {
            const auto port = std::to_string(8080 + 2 * i);
            SteeredPair pair(std::to_string(90 + i), port, "p" + std::to_string(i));
            int failed = 0;
            const auto listener = listen_at("127.0.0.1", pair.ports[0].of(0));
            for (int round = 0; round < 20 && failed == 0; ++round) {
                try {
                    pair.steer.attach(pair.publics, 0);
                    const auto port_of_pair = pair.publics[0].port;
                    failed = pair.put(0) && reached("127.0.0.1", port_of_pair, {&listener}) == 0 ? 0 : 1;
                    pair.steer.detach();
                } catch (const std::exception& error) {
                    std::cerr << error.what() << '\n';
                    failed = 1;
                }
            }
            _exit(failed);
        }
    }
    for (const auto child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    SteeredPair none("80", "8080");
    CHECK_FALSE(none.is_mounted());
}

TEST_CASE("a network namespace takes 64 pairs, and what is refused says so", IN_NAMESPACES) {
    std::vector<std::unique_ptr<SteeredPair>> pairs;
    for (int i = 0; i < 64; ++i) {
        const auto number = std::to_string(1000 + i);
        pairs.push_back(std::make_unique<SteeredPair>(number, "8080", "p" + number));
        pairs.back()->steer.attach(pairs.back()->publics, 0);
    }
    SteeredPair more("80", "8080");
    CHECK_THROWS_WITH(more.steer.attach(more.publics, 0),
                      "cannot attach a BPF program: this network namespace has 64 of type sk_lookup, "
                      "and takes no more");
    CHECK_FALSE(more.steer.stands(more.publics));
    CHECK_FALSE(exists(more.layout.steering() + "/web:new"));
    CHECK(pairs.front()->steer.stands(pairs.front()->publics));
}
