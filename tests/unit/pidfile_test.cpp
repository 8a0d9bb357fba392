// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/files.hpp"
#include "core/names.hpp"
#include "core/pidfile.hpp"
#include "core/process.hpp"
#include "core/record.hpp"

using namespace twinctl;

namespace {

const TwinName twin{"web", 0};

/// A pidfile that names this very process, and a record.
struct Scene {
    Scene() {
        char name[] = "/tmp/pidfile-XXXXXX";
        layout.root = mkdtemp(name);
        write_file(layout.pidfile(twin), std::to_string(getpid()) + "\n", 0644);
        record.process = process_at(getpid()).value();
        record.command = {"/usr/bin/web"};
    }
    ~Scene() { std::system(("rm -r " + layout.root).c_str()); }

    bool forgets() {
        write_record(layout, twin, record);
        const bool forgot = forget_reused_pid(layout, twin);
        CHECK(exists(layout.pidfile(twin)) == !forgot);
        return forgot;
    }

    Layout layout;
    Record record;
};

}  // namespace

TEST_CASE("the pidfile of a twin that lives stays", "[pidfile]") {
    Scene scene;
    CHECK_FALSE(scene.forgets());
}

TEST_CASE("a pidfile whose number is somebody else's by now goes", "[pidfile]") {
    Scene scene;
    ++scene.record.process.start;
    CHECK(scene.forgets());
}

TEST_CASE("so it does where it named a supervisor", "[pidfile]") {
    Scene scene;
    scene.record.process = {1, 1};
    CHECK(scene.forgets());
}

TEST_CASE("a process that runs the twin's command is the twin", "[pidfile]") {
    Scene scene;
    ++scene.record.process.start;
    scene.record.command.clear();
    const auto words = read_file("/proc/self/cmdline");
    for (std::size_t at = 0; at < words.size(); at = words.find('\0', at) + 1) {
        scene.record.command.emplace_back(words.c_str() + at);
    }
    CHECK_FALSE(scene.forgets());
}

TEST_CASE("a pidfile without a record, or of nobody, is left to OpenRC", "[pidfile]") {
    Scene scene;
    CHECK_FALSE(forget_reused_pid(scene.layout, twin));
    ++scene.record.process.start;
    write_file(scene.layout.pidfile(twin), "", 0644);
    CHECK_FALSE(scene.forgets());
    write_file(scene.layout.record(twin), "rubbish", 0644);
    write_file(scene.layout.pidfile(twin), std::to_string(getpid()), 0644);
    CHECK_FALSE(forget_reused_pid(scene.layout, twin));
}
