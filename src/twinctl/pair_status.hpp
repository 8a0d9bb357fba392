// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "twinctl/config.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

/// What `status` says of a twin. STATE is OpenRC's word for it, or one of: crashed (started, its
/// process is dead), draining (hung up), zapped (forgotten by OpenRC, its process lives).
struct TwinStatus {
    TwinName name;
    std::string state;
    pid_t pid = 0;  ///< 0: no living process
    std::vector<Port> ports;
    std::string version;  ///< the release, or else a fingerprint
    std::string release;
    std::int64_t uptime_s = 0;
    unsigned connections = 0;
};

/// STATE: started (one twin), both (both, and nobody swaps), swapping, interrupted (a swap was,
/// and the next command finishes it), draining, zapped, crashed, stopped.
struct PairStatus {
    std::string name;
    std::string state;
    bool serves = false;  ///< a twin takes new connections
    std::optional<int> active;
    std::string endpoint;  ///< of the twins that run, else what the configuration asks for
    std::string publics;   ///< the same of twin_public
    std::string hint;  ///< what to do about the state; empty where nothing is to be done
    std::vector<TwinStatus> twins;
};

/// LOCKED: whether somebody changes the pair this moment.
PairStatus pair_status(const std::string& pair, const std::vector<Config>& configs,
                       Observer& observer, Notebook& notebook, bool locked);

/// What `status` prints for people.
std::string status_text(const std::vector<PairStatus>& pairs);

/// Pairs whose twins are under /etc/init.d, sorted.
std::vector<std::string> list_pairs(const Layout& layout);

/// That a twin's initscript is not the pair's, as after `sed -i` on the link. Empty if it is.
std::string why_apart(const Layout& layout, const std::string& pair);

}  // namespace twinctl
