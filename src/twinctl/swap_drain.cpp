// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// The old twin finishes what it has.
#include <algorithm>
#include <cstdint>
#include <string>

#include "core/openrc.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

/// To count thousands of descriptors takes as long as a hundred looks whether any is left.
constexpr int count_interval_ms = 500;
constexpr int count_share = 10;  ///< of the time, at the most, is spent counting

std::string connections_text(unsigned count) {
    return counted(count, "connection") + " left";
}

}  // namespace

bool Swap::has_drained(unsigned& connections) {
    connections = 0;
    if (!world_.observer.is_alive(old_->process)) {
        return true;
    }
    if (world_.observer.any_connection(*old_, journal_.from)) {
        connections = 1;
        quiet_since_ms_ = -1;
        quiet_looks_ = 0;
        return false;
    }
    // What one of its processes hands to another during a look is missed by that look.
    if (++quiet_looks_ < 2) {
        return false;
    }
    if (!hung_up_ || !look(old_twin()).listening || old_config().ports.empty()) {
        return true;
    }
    // It has nothing open, and yet listens: either it is just about to close, or it never will.
    const auto now = world_.clock.now_ms();
    if (quiet_since_ms_ < 0) {
        quiet_since_ms_ = now;
    }
    return now - quiet_since_ms_ >= settle_ms;
}

void Swap::count_cut() {
    // Later on they end by what their clients do, too.
    if (hup_at_ms_ && world_.clock.now_ms() - *hup_at_ms_ <= settle_ms) {
        cut_by_hup_ = world_.observer.ended_unanswered();
    }
}

void Swap::drain(std::int64_t until_ms) {
    enter(Step::Drain);
    unsigned left = 0;
    std::int64_t next_count_ms = 0;
    bool told = false;
    bool revived = false;
    std::string text;
    while (!has_drained(left)) {
        const auto now = world_.clock.now_ms();
        if (now >= until_ms) {
            left = left > 0 ? world_.observer.connections(*old_, journal_.from) : 0;
            outcome_.connections_cut = left;
            break;
        }
        mend_listeners();
        count_cut();
        if (!told && world_.clock.interrupted() != 0) {
            told = true;
            world_.progress.note(old_twin().str() +
                                 " takes no new connections any more: the swap goes on");
        }
        const auto fresh = look(new_twin());
        if (!hung_up_ && !fresh.alive) {
            // The old one can still serve.
            break;
        }
        // Once: one that does not stay is seen again before the old twin is stopped.
        const bool is_left_dead =
            fresh.given_up ||
            (fresh.state == ServiceState::Started && new_config().supervisor != "supervise-daemon");
        if (!revived && !fresh.alive && is_left_dead) {
            revived = true;
            const auto began_ms = step_began_ms_;
            is_lost_ = !bring_back_any();
            enter(Step::Drain);
            step_began_ms_ = began_ms;
        }
        if (now >= next_count_ms) {
            text = connections_text(left > 0 ? world_.observer.connections(*old_, journal_.from) : 0);
            const auto took_ms = world_.clock.now_ms() - now;
            next_count_ms = now + std::max<std::int64_t>(count_interval_ms, count_share * took_ms);
        }
        world_.progress.waiting("drain", text + ", " + seconds_text(until_ms - now) + " to go");
        world_.clock.pause(poll_interval_ms(now - step_began_ms_), old_->process);
    }
    // Since the last look inside: the guard stops no twin whose sibling has lost its listener.
    mend_listeners();
    leave(connections_text(left));
}

}  // namespace twinctl
