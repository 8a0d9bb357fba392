// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
// What twinctl and twin-exec add to what has to be done anyway, as ratios of one run: absolute
// times of a shared machine say nothing. Run in a booted sandbox:
//
//   scripts/sandbox /src/build/tests/bench/cost /src/build/tests/service/parityd
//
// Exits 1 when a ratio is over its budget in each of five tries, with a rest between them: what else
// the machine does can only make a thing look slower than it is.

#include <spawn.h>
#include <sys/types.h>  // IWYU pragma: keep (pid_t)
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

extern char** environ;

namespace {

constexpr int swap_rounds = 25;
constexpr int exec_rounds = 400;
constexpr double swap_budget = 1.25;
constexpr double exec_budget = 1.0;
constexpr double exec_limit = 1.15;  // what a shared machine makes of two equal things

double now_ms() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Runs ARGV with its output thrown away and returns how long it took. Fails the bench if the
/// command fails: what did not do its work must not be called fast.
double run(const std::vector<std::string>& argv) {
    std::vector<char*> words;
    for (const auto& word : argv) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/tmp/bench-errors", 0x241, 0644);
    pid_t pid = 0;
    const double begin = now_ms();
    int status = posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
    if (status == 0) {
        waitpid(pid, &status, 0);
    }
    const double took = now_ms() - begin;
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) {
        std::fprintf(stderr, "cost: '%s' failed\n", argv[0].c_str());
        std::system("cat /tmp/bench-errors >&2");
        std::exit(1);
    }
    return took;
}

/// The lower quartile: what a thing costs when the machine has nothing else to do just then.
double typical(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 4];
}

std::string twin(int parity) {
    return "bench." + std::to_string(parity);
}

/// The swap without twinctl: the same three commands, nobody waits, nobody checks.
double bare_swap(int from) {
    return run({"sh", "-c",
                "rc-service " + twin(1 - from) + " zap start && rc-service " + twin(from) +
                    " hup && rc-service " + twin(from) + " stop"});
}

bool report(const char* what, double ours, double theirs, double budget, double limit) {
    const bool within = ours <= theirs * limit;
    std::printf("%-50s %8.3f ms / %8.3f ms = %.2f (budget %.2f, fails above %.2f)%s\n", what, ours,
                theirs, ours / theirs, budget, limit, within ? "" : "  FAILED");
    return within;
}

bool compare_swaps() {
    std::vector<double> ours;
    std::vector<double> bare;
    int active = 0;
    for (int round = 0; round < swap_rounds; ++round) {
        ours.push_back(run({"twinctl", "-q", "swap", "bench"}));
        active = 1 - active;
        bare.push_back(bare_swap(active));
        active = 1 - active;
    }
    return report("twinctl swap / the three rc-service commands alone", typical(ours), typical(bare),
                  swap_budget, swap_budget);
}

bool compare_execs() {
    std::vector<double> ours;
    std::vector<double> env;
    std::vector<double> bare;
    // As a swap starts it: the other twin is started, and this one has been prepared.
    run({"touch", "/run/openrc/started/cost.1"});
    run({"mkdir", "-p", "/run/twin/cost"});
    const std::vector<std::string> shim = {"twin-exec", "--twin", "cost.0", "--ports", "18080",
                                           "--",        "/bin/true"};
    for (int round = 0; round < exec_rounds; ++round) {
        run({"touch", "/run/twin/cost/0.starting"});
        ours.push_back(run(shim));
        env.push_back(run({"env", "/bin/true"}));
        bare.push_back(run({"/bin/true"}));
    }
    const double base = typical(bare);
    return report("what twin-exec adds to an exec / what env adds", typical(ours) - base,
                  typical(env) - base, exec_budget, exec_limit);
}

bool any_of_five(bool (*compare)()) {
    for (int tries = 0; tries < 5; ++tries) {
        sleep(tries == 0 ? 0 : 5);
        if (compare()) {
            return true;
        }
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: cost PARITYD\n");
        return 2;
    }
    run({"twinctl", "-q", "install", "bench", "--command", argv[1], "--args", "--port {port}",
         "--port", "18090"});
    run({"rc-service", "bench", "start"});
    const bool swaps = any_of_five(compare_swaps);
    const bool execs = any_of_five(compare_execs);
    run({"rc-service", "bench", "stop"});
    run({"twinctl", "-q", "uninstall", "bench", "--purge"});
    return swaps && execs ? 0 : 1;
}
