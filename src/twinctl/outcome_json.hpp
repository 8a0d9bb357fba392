// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

#include "twinctl/swap.hpp"

namespace twinctl {

/// The object that `swap --json` prints; its keys are promised: more may come, none goes.
std::string outcome_json(const std::string& pair, const SwapOutcome& outcome);

/// One line of the ledger: the same, with the time.
std::string ledger_line(const std::string& pair, const SwapOutcome& outcome, std::int64_t wall_s);

}  // namespace twinctl
