// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "plan.hpp"

namespace twinctl {

/// What was done after a round so that one twin is up, as its help texts say.
struct Settling {
    std::vector<std::string> complaints;
    std::string text;        ///< each command, its exit status, what it printed
    unsigned commands = 0;
};

/// Waits until all commands of a round have ended; with those that were killed some are left that
/// nobody waits for. Then runs what PLAN makes necessary: a start after a stop or a kill, a swap
/// where twins were started, hung up or forgotten by hand.
Settling settle(const Plan& plan);

/// Whatever the pair has come to: one twin up again, for the next round.
void start_afresh();

}  // namespace twinctl
