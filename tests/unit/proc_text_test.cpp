// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/proc_text.hpp"
#include "core/process.hpp"
#include "needs.hpp"
#include "tcp.hpp"

using namespace twinctl;

TEST_CASE("a process may call itself what it likes", "[proc]") {
    const auto stat = parse_stat("7 (a) S 1 (b) ) R 42 7 7 0 -1 0 1 1 1 1 1 1 1 1 20 0 1 0 9876 1\n");
    REQUIRE(stat);
    CHECK(stat->state == 'R');
    CHECK(stat->parent == 42);
    CHECK(stat->start == 9876);
    CHECK_FALSE(parse_stat("7 (web) S 42"));
}

TEST_CASE("a signal that is caught, ignored or blocked in every thread kills nobody", "[proc]") {
    const pid_t self = getpid();
    CHECK(fate_of(self, SIGUSR2) == SignalFate::Ends);
    signal(SIGUSR2, [](int) {});
    CHECK(fate_of(self, SIGUSR2) == SignalFate::Caught);
    signal(SIGUSR2, SIG_IGN);
    CHECK(fate_of(self, SIGUSR2) == SignalFate::Ignored);
    signal(SIGUSR2, SIG_DFL);
    // Another thread, which does not block it.
    std::promise<void> begun;
    std::promise<void> enough;
    std::thread other([&] {
        begun.set_value();
        enough.get_future().wait();
    });
    begun.get_future().wait();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    CHECK(fate_of(self, SIGUSR2) == SignalFate::Ends);
    enough.set_value();
    other.join();
    CHECK(fate_of(self, SIGUSR2) == SignalFate::Blocked);
    // The kernel takes it out of the mask of a thread that waits for it.
    std::thread waiting([&] {
        int received = 0;
        sigwait(&set, &received);
    });
    const auto tasks = "/proc/self/task/";
    bool waits = false;
    for (int looks = 0; looks < 500 && !waits; ++looks) {
        each_number_in(tasks, [&](long thread) {
            const auto text = read_file_if_any(tasks + std::to_string(thread) + "/wchan").value_or("");
            waits = waits || text.find("sigtimedwait") != std::string::npos;
            return !waits;
        });
        usleep(10000);
    }
    CHECK(fate_of(self, SIGUSR2) == SignalFate::Blocked);
    kill(self, SIGUSR2);
    waiting.join();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

TEST_CASE("a key of status without a value has none, also at the end of the text", "[proc]") {
    CHECK(status_value("Name:\tweb\nSigCgt:\t4003\n", "SigCgt") == "4003");
    CHECK(status_value("Name:\tweb\nSigCgt:\nRssAnon:\t1 kB\n", "SigCgt").empty());
    CHECK(status_value("Name:\tweb\nSigCgt:", "SigCgt").empty());
}

TEST_CASE("a listener is found in a table that takes many reads", "[proc]") {
    SKIP_WHERE(why_no_proc_net());
    // A line has 150 bytes: one read(2) of 4096 gives 27 of them.
    std::vector<Fd> listeners;
    for (int i = 0; i < 40; ++i) {
        listeners.push_back(listen_at("127.0.0.1", 0));
    }
    const auto table = read_table("/proc/net/tcp");
    REQUIRE(table);
    const unsigned char loopback[] = {127, 0, 0, 1};
    for (const auto& listener : listeners) {
        CHECK(find_in_table(*table, AF_INET, loopback, port_of(listener)));
    }
}
