// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fake_world.hpp"
#include "twinctl/config.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

using Log = std::vector<std::string>;

inline SwapOutcome swap(FakeWorld& world, std::vector<Config> configs) {
    return Swap("web", std::move(configs), world.world()).run();
}

inline SwapOutcome swap(FakeWorld& world) {
    return swap(world, world.configs());
}

inline const Log steps_0_to_1 = {
    "journal start", "unretire web.1", "rc web.1 start", "journal ready", "journal hup",    "rc web.0 hup",
    "journal drain", "journal stop",       "retiring web.0", "rc web.0 stop", "retire web.0",   "journal record",
    "active 1",      "ledger",             "journal cleared",
};

}  // namespace twinctl
