// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/layout.hpp"
#include "core/names.hpp"

namespace twinctl {

/// What twin_guard says: refuse, only warn, or let everything pass.
enum class GuardMode { Enforce, Warn, Off };

/// Throws InputError unless TEXT is enforce, warn or off.
GuardMode parse_guard_mode(const std::string& text);

/// What the guard looks at before a twin stops or is hung up.
struct GuardFacts {
    bool going_down = false;     ///< the machine is (RC_GOINGDOWN)
    /// NAME is marked stopping, a living rc-service is at it, and it has the pair's lock: one
    /// that only waits for the lock may yet give up.
    bool pair_stopping = false;
    /// The twin's own process lives, or a supervisor that will bring it back; else there is
    /// nothing to lose.
    bool self_alive = false;

    /// The sibling's standing, in words that end the sentence "NAME.P ..."; empty where it is up:
    /// started, its process alive, not hung up, listening on each of its ports.
    std::string sibling_lack;
};

/// Whether PID is a supervise-daemon.
bool is_supervisor(pid_t pid);

/// Whether a supervise-daemon stands behind the twin's pidfile.
bool has_supervisor(const Layout& layout, const TwinName& twin);

/// Looks at the system. ENVIRONMENT_GOING_DOWN is what RC_GOINGDOWN said.
GuardFacts look_around(const Layout& layout, const TwinName& twin, bool environment_going_down);

/// Why TWIN must not stop; nothing if it may.
std::optional<std::string> why_refused(const GuardFacts& facts, const TwinName& twin);

/// Started, alive, not hung up and no rehearsal.
bool is_up(const Layout& layout, const TwinName& twin);

/// Why TWIN cannot take connections now, as in GuardFacts::sibling_lack; empty if it can.
std::string why_not_up(const Layout& layout, const TwinName& twin);

}  // namespace twinctl
