// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace twinctl {

/// The steps of a swap, in order. Up to Quiesce everything can be undone; from Hup on the old
/// twin is deaf, and the swap can only be finished.
enum class Step { Preflight, Start, Ready, Switch, Quiesce, Hup, Drain, Stop, Record };

const char* to_string(Step step);
std::optional<Step> step_from(const std::string& text);

/// What a swap writes down before it takes a step, so that another twinctl can finish or undo it.
struct Journal {
    static constexpr int format = 1;

    std::string pair;
    int from = 0;
    int to = 1;
    Step step = Step::Preflight;
    /// When the drain began, in seconds since the boot (CLOCK_BOOTTIME: nobody sets that clock); nothing before the
    /// hang-up.
    std::optional<std::int64_t> drain_began;
    /// How long it may take at the most, in seconds.
    std::int64_t drain_for = 0;
    /// Nobody waits for the drain (--leave-draining): it is no interrupted swap.
    bool left = false;
    /// What the slot of the new twin led to before it was pointed at another release; empty: to none.
    /// Nothing where it stayed as it was.
    std::optional<std::string> slot_before;
};

}  // namespace twinctl
