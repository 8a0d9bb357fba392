// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "options.hpp"
#include "plan.hpp"

namespace twinctl {

/// What all rounds add up to.
struct Totals {
    unsigned rounds = 0;
    unsigned failed = 0;
    unsigned actions = 0;
    unsigned killed = 0;
    unsigned with_stop = 0;
    unsigned settled = 0;        ///< rounds after which a command was needed
    std::uint64_t sent = 0;      ///< requests, in rounds that may lose none
    std::uint64_t lost = 0;
    std::uint64_t cut = 0;       ///< by stops of single twins by hand, without a hang-up
    std::map<std::string, std::map<int, unsigned>> ends;  ///< of an action, by exit status
};

/// Runs PLAN, says on standard output what is wrong, and adds it to TOTALS. False if anything is.
bool run_round(const Plan& plan, const Options& options, Totals& totals);

}  // namespace twinctl
