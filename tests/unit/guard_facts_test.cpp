// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What the guard sees of the system: OpenRC's marks, records and locks in a directory of the test's.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/names.hpp"
#include "core/pair_lock.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "needs.hpp"

using namespace twinctl;

namespace {

const TwinName twin{"web", 0};

/// web.1 is started, and its process is this one.
class System {
public:
    System() {
        layout.root = directory_.string();
        layout.svcdir = layout.root + "/openrc";
        mark("started", "web.1");
        write_record(layout, twin.sibling(), record());
    }
    System(const System&) = delete;
    System& operator=(const System&) = delete;
    ~System() { std::filesystem::remove_all(directory_); }

    static Record record() {
        Record record;
        record.process = process_at(getpid()).value();
        record.command = {"web"};
        return record;
    }
    void mark(const std::string& state, const std::string& name) const {
        write_file(layout.svcdir + "/" + state + "/" + name, "", 0644);
    }
    GuardFacts facts() const { return look_around(layout, twin, false); }

    Layout layout;

private:
    static std::filesystem::path make() {
        auto name = (std::filesystem::temp_directory_path() / "guard-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        return name;
    }
    std::filesystem::path directory_ = make();
};

Fd lock_of(const std::string& path) {
    write_file(path, "", 0600);
    Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(flock(fd.get(), LOCK_EX | LOCK_NB) == 0);
    return fd;
}

}  // namespace

TEST_CASE("a sibling that is started, alive and not hung up will do", "[guard]") {
    const System system;
    CHECK(system.facts().sibling_lack.empty());
}

TEST_CASE("a sibling whose process is dead is no sibling", "[guard]") {
    const System system;
    auto record = System::record();
    record.process = {};
    record.process.pid = 1 << 30;
    write_record(system.layout, twin.sibling(), record);
    CHECK(system.facts().sibling_lack == "is marked started, but its process is dead");
}

TEST_CASE("a pid that another process has got is another process", "[guard]") {
    const System system;
    auto record = System::record();
    --record.process.start;
    write_record(system.layout, twin.sibling(), record);
    CHECK(system.facts().sibling_lack == "is marked started, but its process is dead");
}

TEST_CASE("a sibling that is hung up is no sibling", "[guard]") {
    const System system;
    write_file(system.layout.draining(twin.sibling()), "", 0644);
    CHECK(system.facts().sibling_lack == "is hung up");
}

TEST_CASE("a sibling that somebody starts over is waited for", "[guard]") {
    const System system;
    system.mark("starting", "web.1");
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        remove_file(system.layout.svcdir + "/starting/web.1");
    });
    CHECK(system.facts().sibling_lack.empty());
    other.join();
}

TEST_CASE("a mark that a killed stop left opens nothing", "[guard]") {
    const System system;
    system.mark("stopping", "web");
    system.mark("exclusive", "web");
    CHECK_FALSE(system.facts().pair_stopping);
    write_file(system.layout.down("web"), "", 0644);
    CHECK_FALSE(system.facts().pair_stopping);
    const auto lock = lock_of(system.layout.svcdir + "/exclusive/web");
    CHECK(system.facts().pair_stopping);
}

TEST_CASE("a stop that waits for the pair's lock opens nothing", "[guard]") {
    const System system;
    system.mark("stopping", "web");
    const auto exclusive = lock_of(system.layout.svcdir + "/exclusive/web");
    CHECK_FALSE(system.facts().pair_stopping);
    const auto path = system.layout.lock("web");
    write_file(path, "", 0600);
    const Fd pair(open(path.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(take_pair_lock(pair.get(), getpid(), "twinctl swap"));
    CHECK_FALSE(system.facts().pair_stopping);
    REQUIRE(take_pair_lock(pair.get(), getpid(), "rc-service web stop"));
    CHECK(system.facts().pair_stopping);
}

TEST_CASE("a pair's lock has one holder, who says what for", "[guard]") {
    const System system;
    const auto path = system.layout.lock("web");
    write_file(path, "", 0600);
    const Fd first(open(path.c_str(), O_RDWR | O_CLOEXEC));
    const Fd second(open(path.c_str(), O_RDWR | O_CLOEXEC));
    CHECK(take_pair_lock(first.get(), getpid(), "twinctl swap"));
    CHECK_FALSE(take_pair_lock(second.get(), getpid(), "twinctl stop"));
    CHECK(describe_holder(system.layout, "web") ==
          "web is being changed by twinctl swap (pid " + std::to_string(getpid()) + ")");
}

TEST_CASE("a supervisor is root's: whoever may choose his program's name is none", "[guard]") {
    SKIP_WHERE(why_no_root());
    char name[] = "/tmp/twin-guard-XXXXXX";
    const std::string directory = mkdtemp(name);
    const auto program = directory + "/supervise-daemon";
    std::filesystem::copy_file("/bin/sleep", program);
    chmod(directory.c_str(), 0755);
    const auto is_taken_for_one = [&](uid_t uid) {
        const pid_t child = fork();
        if (child == 0) {
            if (setuid(uid) == 0) {
                execl(program.c_str(), "sleep", "60", static_cast<char*>(nullptr));
            }
            _exit(1);
        }
        char target[PATH_MAX] = "";
        for (int looks = 0; looks < 500 && target != program; ++looks) {
            usleep(10000);
            const auto length = readlink(("/proc/" + std::to_string(child) + "/exe").c_str(), target, sizeof target - 1);
            target[length > 0 ? length : 0] = '\0';
        }
        CHECK(target == program);
        const bool taken = is_supervisor(child);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        return taken;
    };
    CHECK(is_taken_for_one(0));
    CHECK_FALSE(is_taken_for_one(65534));
    std::filesystem::remove_all(directory);
}
