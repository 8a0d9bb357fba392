// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "action.hpp"

namespace twinctl {

/// kill -9, so many milliseconds after the start of the action.
struct Kill {
    unsigned after_ms = 0;
    bool tree = false;  ///< of all that it has started as well, but for the services
};

struct Step {
    const Action* action = nullptr;
    std::string command;
    unsigned start_ms = 0;
    std::optional<Kill> kill;
};

/// All that is decided about a round before it begins; it follows from the seed.
struct Plan {
    std::uint64_t seed = 0;
    std::vector<Step> steps;
    /// A twin that was left draining is left so, for the next round to begin with.
    bool leaves_draining = false;

    bool stops() const;
    bool meddles() const;
    bool cuts() const;
    bool kills() const;
};

Plan make_plan(std::uint64_t seed, bool kills);

/// A line for each step.
std::string to_text(const Plan& plan);

}  // namespace twinctl
