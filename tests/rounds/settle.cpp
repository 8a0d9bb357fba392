// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "settle.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "actor.hpp"
#include "core/files.hpp"
#include "facts.hpp"
#include "scan.hpp"

namespace twinctl {

namespace {

// A command that was left alone may wait for the pair's lock for 30 s, and stop a twin after that.
constexpr std::chrono::seconds leftover_patience{50};
constexpr std::chrono::seconds drain_patience{5};
constexpr std::chrono::milliseconds between_scans{10};

template <typename So>
bool eventually(std::chrono::seconds patience, So so) {
    const auto deadline = Clock::now() + patience;
    while (!so()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(between_scans);
    }
    return true;
}

bool any_command() {
    const auto processes = scan_processes();
    return std::any_of(processes.begin(), processes.end(), is_command);
}

void must(Settling& settling, const std::string& command) {
    const auto done = run_shell(command);
    ++settling.commands;
    settling.text += command + ": exit " + std::to_string(done.status) + "\n" + done.output;
    if (done.status != 0) {
        settling.complaints.push_back(command + " failed");
    }
}

bool needs_swap(const Facts& facts) {
    const auto is_odd = [](const TwinFacts& twin) {
        return twin.state != "started" && twin.state != "stopped";
    };
    // Both, though the pair is said to be started: one was left by a rehearsal.
    return facts.state != "started" || facts.twins[0].state == facts.twins[1].state ||
           (!is_there("/run/twin/web/journal") && std::any_of(std::begin(facts.twins), std::end(facts.twins), is_odd));
}

}  // namespace

Settling settle(const Plan& plan) {
    Settling settling;
    if (!eventually(leftover_patience, [] { return !any_command(); })) {
        settling.complaints.emplace_back("commands are left");
    }
    if (plan.stops() || plan.kills()) {
        must(settling, "twinctl start web");
    }
    if (plan.meddles() || plan.kills()) {
        Facts facts;
        take_status(facts);
        if (needs_swap(facts)) {
            settling.text += facts.text;
            must(settling, "twinctl swap web");
        }
    }
    if (is_there("/run/twin/web/journal") && !plan.leaves_draining) {
        const bool reaped = eventually(drain_patience, [] {
            Facts facts;
            take_status(facts);
            return !is_there("/run/twin/web/journal");
        });
        if (!reaped) {
            settling.complaints.emplace_back("the journal of a swap is left");
        }
    }
    return settling;
}

void start_afresh() {
    run_shell("openrc default");
    run_shell("rc-service web stop; rc-service web.0 zap; rc-service web.1 zap; rc-service web zap");
    for (const auto& process : scan_processes()) {
        if (is_command(process) || (is_service(process) && process.comm != "parityd")) {
            kill(process.pid, SIGKILL);
        }
    }
    for (const auto& process : scan_processes()) {
        if (is_service(process) && !variable_of(process.pid, "TWIN_NAME").starts_with("other.")) {
            kill(process.pid, SIGKILL);
        }
    }
    eventually(drain_patience, [] { return !any_command(); });
    run_shell("twinctl -q uninstall web --purge; install-web; twinctl start web");
}

}  // namespace twinctl
