// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "plan.hpp"

#include <algorithm>
#include <utility>

#include "chance.hpp"

namespace twinctl {

namespace {

std::string command_of(const Action& action, unsigned parity) {
    std::string command = action.command;
    for (auto at = command.find("%p"); at != std::string::npos; at = command.find("%p")) {
        command.replace(at, 2, std::to_string(parity));
    }
    return command;
}

bool any(const std::vector<Step>& steps, bool Action::*trait) {
    return std::any_of(steps.begin(), steps.end(),
                       [&](const Step& step) { return step.action->*trait; });
}

}  // namespace

bool Plan::stops() const {
    return any(steps, &Action::stops);
}

bool Plan::meddles() const {
    return any(steps, &Action::meddles);
}

bool Plan::cuts() const {
    return any(steps, &Action::cuts);
}

bool Plan::kills() const {
    return std::any_of(steps.begin(), steps.end(), [](const Step& step) { return step.kill.has_value(); });
}

Plan make_plan(std::uint64_t seed, bool kills) {
    Chance chance(seed);
    Plan plan;
    plan.seed = seed;
    const unsigned count = 2 + chance.below(3);
    const bool calm = !chance.one_in(3);
    // At once, which is where locks are fought for, or spread over the time that a swap takes.
    const unsigned span_ms = chance.one_in(2) ? 10 : 250;
    for (unsigned i = 0; i < count; ++i) {
        Step step;
        step.action = &draw_action(chance, calm);
        step.command = command_of(*step.action, chance.below(2));
        step.start_ms = chance.below(span_ms);
        if (kills && chance.one_in(2)) {
            step.kill = Kill{chance.below(200), chance.one_in(2)};
        }
        plan.steps.push_back(std::move(step));
    }
    std::stable_sort(plan.steps.begin(), plan.steps.end(),
                     [](const Step& a, const Step& b) { return a.start_ms < b.start_ms; });
    plan.leaves_draining = chance.one_in(2);
    return plan;
}

std::string to_text(const Plan& plan) {
    std::string text;
    for (const auto& step : plan.steps) {
        text += "at " + std::to_string(step.start_ms) + " ms: " + step.command;
        if (step.kill) {
            text += std::string(step.kill->tree ? ", all of it" : "") + ", killed after " +
                    std::to_string(step.kill->after_ms) + " ms";
        }
        text += '\n';
    }
    return text;
}

}  // namespace twinctl
