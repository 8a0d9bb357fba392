// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "round.hpp"

#include <chrono>
#include <iostream>
#include <sstream>
#include <thread>
#include <vector>

#include "actor.hpp"
#include "client.hpp"
#include "facts.hpp"
#include "judge.hpp"
#include "settle.hpp"

namespace twinctl {

namespace {

constexpr std::chrono::seconds actor_patience{90};
constexpr std::chrono::milliseconds between_looks{2};

struct Running {
    const Step* step;
    Actor actor;
    Clock::time_point kill_at;
    bool killed = false;
};

/// Each action at its time; returns when all have ended, or should have.
std::vector<Running> perform(const Plan& plan) {
    std::vector<Running> running;
    const auto begin = Clock::now();
    const auto deadline = begin + actor_patience;
    for (bool busy = true; busy && Clock::now() < deadline;) {
        const auto now = Clock::now();
        while (running.size() < plan.steps.size() &&
               now >= begin + std::chrono::milliseconds(plan.steps[running.size()].start_ms)) {
            const auto& step = plan.steps[running.size()];
            const std::chrono::milliseconds after(step.kill ? step.kill->after_ms : 0);
            running.push_back({&step, Actor(step.command), now + after, false});
        }
        busy = running.size() < plan.steps.size();
        for (auto& one : running) {
            if (one.step->kill && !one.killed && now >= one.kill_at && !one.actor.has_ended()) {
                one.actor.kill(one.step->kill->tree);
                one.killed = true;
            }
            busy = !one.actor.has_ended() || busy;
        }
        std::this_thread::sleep_for(between_looks);
    }
    return running;
}

std::string indented(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    int count = 0;
    for (std::string line; std::getline(lines, line) && count < 40; ++count) {
        result += "#   " + line + "\n";
    }
    return result;
}

}  // namespace

bool run_round(const Plan& plan, const Options& options, Totals& totals) {
    const bool may_lose = plan.stops();
    Client client(options.load, "http://127.0.0.1:" + std::to_string(options.port) + "/");
    auto running = perform(plan);
    std::vector<std::string> wrong;
    for (auto& one : running) {
        ++totals.actions;
        totals.killed += one.killed ? 1 : 0;
        if (!one.actor.has_ended()) {
            wrong.push_back("it does not come to its end: " + one.step->command);
        } else {
            ++totals.ends[one.step->action->name][one.actor.status()];
        }
    }
    const auto settling = settle(plan);
    const auto load = client.finish();
    const auto facts = gather(options);
    wrong.insert(wrong.end(), settling.complaints.begin(), settling.complaints.end());
    const auto more = complaints(facts, options);
    wrong.insert(wrong.end(), more.begin(), more.end());
    const bool may_cut = plan.cuts() && options.endpoint == "inherit";
    const auto lost = load.lost - (may_cut ? load.cut : 0);
    if (!may_lose && lost > 0) {
        wrong.push_back(std::to_string(lost) + " requests of " + std::to_string(load.sent) + " were lost");
    }
    ++totals.rounds;
    totals.with_stop += may_lose ? 1 : 0;
    totals.settled += settling.commands > 0 ? 1 : 0;
    totals.sent += may_lose ? 0 : load.sent;
    totals.lost += may_lose ? 0 : lost;
    totals.cut += may_lose ? 0 : load.lost - lost;
    if (options.verbose) {
        std::cout << "# seed " << plan.seed << "\n" << indented(to_text(plan));
    }
    if (wrong.empty()) {
        return true;
    }
    ++totals.failed;
    std::cout << "# round with seed " << plan.seed << " went wrong:\n";
    for (const auto& sentence : wrong) {
        std::cout << "# - " << sentence << '\n';
    }
    std::cout << indented(to_text(plan));
    for (const auto& one : running) {
        std::cout << "# " << one.step->command << (one.killed ? ", killed" : "") << ": exit "
                  << one.actor.status() << '\n'
                  << indented(one.actor.output());
    }
    std::cout << "# settled by\n" << indented(settling.text) << "# the clients\n" << indented(load.report)
              << "# in the end\n" << indented(to_text(facts)) << std::flush;
    return false;
}

}  // namespace twinctl
