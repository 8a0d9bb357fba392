// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
// What it costs to ask a twin with 50,000 connections whether any is left. Needs nothing around
// it: a service and its clients are forked, on the loopback. Where one process may not have as
// many descriptors the service is a parent with workers, and so are the clients.
//
// Exits 1 when the median is over its budget.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/process.hpp"
#include "twinctl/drain_watch.hpp"

namespace {

constexpr unsigned wanted = 50'000;
constexpr unsigned spare_descriptors = 64;
constexpr unsigned clients_per_address = 5'000;  // more make the search for a free port long
constexpr int rounds = 1'000;
constexpr double budget_ms = 1.0;

double now_ms() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

void sleep_ms(double ms) {
    const timespec time{0, static_cast<long>(ms * 1e6)};
    nanosleep(&time, nullptr);
}

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "drain-bench: %s: %s\n", what, std::strerror(errno));
    kill(0, SIGTERM);
    std::exit(2);
}

/// How many connections one process may hold.
unsigned raise_descriptor_limit() {
    rlimit limit{wanted + spare_descriptors, wanted + spare_descriptors};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, wanted + spare_descriptors);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return static_cast<unsigned>(limit.rlim_cur) - spare_descriptors;
}

/// Tells the parent that a part is done, and waits for its word to go on.
class Gate {
public:
    Gate() {
        if (pipe(done_) != 0 || pipe(go_on_) != 0) {
            fail("pipe");
        }
    }

    void done() { pass(write(done_[1], "", 1), "write"); }
    void await_done(unsigned processes) { take(done_[0], processes); }
    void go_on(unsigned processes) {
        for (unsigned i = 0; i < processes; ++i) {
            pass(write(go_on_[1], "", 1), "write");
        }
    }
    void await_go_on() { take(go_on_[0], 1); }

private:
    static void pass(ssize_t bytes, const char* what) {
        if (bytes != 1) {
            fail(what);
        }
    }
    static void take(int fd, unsigned count) {
        char byte = 0;
        for (unsigned i = 0; i < count; ++i) {
            pass(read(fd, &byte, 1), "a process has ended early: read");
        }
    }

    int done_[2];
    int go_on_[2];
};

template <typename Work>
pid_t forked(Work work) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            std::_Exit(1);
        }
        work();
        std::_Exit(0);
    }
    return pid;
}

/// Accepts COUNT connections; when told to, closes them in the order in which they came.
void serve(int listener, unsigned count, Gate& gate) {
    std::vector<int> accepted;
    while (accepted.size() < count) {
        accepted.push_back(accept(listener, nullptr, nullptr));
        if (accepted.back() < 0) {
            fail("accept");
        }
    }
    gate.done();
    gate.await_go_on();
    for (const int fd : accepted) {
        close(fd);
    }
    gate.done();
    pause();
}

void connect_clients(sockaddr_in to, unsigned first, unsigned count) {
    for (unsigned i = first; i < first + count; ++i) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in from{};
        from.sin_family = AF_INET;
        from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + i / clients_per_address);
        const int yes = 1;
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
        if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
            connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            fail("connect");
        }
    }
    pause();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

template <typename Call>
double timed(Call call) {
    const double begin = now_ms();
    call();
    return now_ms() - begin;
}

void line(const char* what, double ms) {
    std::printf("%-50s %8.3f ms\n", what, ms);
}

bool line(const char* what, const std::vector<double>& times) {
    const double middle = median(times);
    const bool within = middle <= budget_ms;
    std::printf("%-50s %8.3f ms, at most %.3f ms (budget %.0f ms)%s\n", what, middle,
                *std::max_element(times.begin(), times.end()), budget_ms,
                within ? "" : "  FAILED");
    return within;
}

}  // namespace

int main() {
    setpgid(0, 0);
    const unsigned per_process = std::min(raise_descriptor_limit(), wanted);
    const unsigned processes = (wanted + per_process - 1) / per_process;
    const unsigned each = wanted / processes;
    const unsigned connections = each * processes;

    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 4096) != 0 ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        fail("listen");
    }
    Gate gate;
    const pid_t service = forked([&] {
        for (unsigned i = 1; i < processes; ++i) {
            forked([&] { serve(listener, each, gate); });
        }
        serve(listener, each, gate);
    });
    std::vector<pid_t> clients;
    for (unsigned i = 0; i < processes; ++i) {
        clients.push_back(forked([&] { connect_clients(address, i * each, each); }));
    }
    gate.await_done(processes);
    std::printf("%u connections of a service with %u process%s", connections, processes,
                processes == 1 ? "\n" : "es");
    if (processes > 1) {
        std::printf(": the limit is %u descriptors each\n", per_process + spare_descriptors);
    }

    twinctl::DrainWatch watch(twinctl::process_at(service).value(),
                              {{ntohs(address.sin_port)}, {}});
    bool right = true;
    line("any left: the first time", timed([&] { right = watch.any_left() && right; }));
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        times.push_back(timed([&] { right = watch.any_left() && right; }));
    }
    bool within = line("any left: nothing closes", times);
    times.clear();
    for (int i = 0; i < 5; ++i) {
        times.push_back(timed([&] { right = watch.count() == connections && right; }));
    }
    line("count", median(times));

    gate.go_on(processes);
    times.clear();
    const double begin = now_ms();
    double last = 0;
    for (bool left = true; left; sleep_ms(1)) {
        last = timed([&] { left = watch.any_left(); });
        if (left) {
            times.push_back(last);
        }
    }
    gate.await_done(processes);
    std::printf("%zu looks during %.0f ms in which all were closed in order\n", times.size() + 1,
                now_ms() - begin);
    within = (times.empty() || line("any left: they close", times)) && within;
    line("any left: none", last);
    right = watch.count() == 0 && right;
    if (!right) {
        std::printf("an answer was wrong  FAILED\n");
    }
    clients.push_back(service);
    for (const pid_t pid : clients) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    return within && right ? 0 : 1;
}
