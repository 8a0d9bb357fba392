// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

bool Swap::recover() {
    const auto found = world_.notebook.read_journal(pair_);
    if (!found) {
        return false;
    }
    journal_ = *found;
    outcome_.from = journal_.from;
    outcome_.to = journal_.to;
    await_orphans();
    // What was killed with the swap may have left a twin that OpenRC calls stopping, and hangs up for
    // nobody.
    adopt_forgotten();
    auto old_view = look(old_twin());
    auto new_view = look(new_twin());
    if (!new_view.alive && !new_view.busy) {
        world_.notebook.forget_start(new_twin());
    }
    if (!old_view.alive && new_view.alive && new_view.draining) {
        // The old one died while the swap was being undone: the new one, hung up for that, serves
        // nobody, and the guard does not let it stop. They change their roles.
        std::swap(old_view, new_view);
        std::swap(journal_.from, journal_.to);
        outcome_.from = journal_.from;
        outcome_.to = journal_.to;
        journal_.slot_before.reset();
    }
    const auto step = std::string(" (it ended in step ") + to_string(journal_.step) + ")";
    if (!old_view.alive && !new_view.alive) {
        if (world_.notebook.active(pair_) != journal_.to) {
            put_release_back();
        }
        world_.notebook.clear_journal(pair_);
        if (!journal_.left) {
            world_.progress.note("forgot an interrupted swap of " + pair_ + step + ": both twins are down");
        }
    } else if (journal_.step < Step::Hup && old_view.is_up() && undo()) {
        world_.progress.note("undid an interrupted swap of " + pair_ + step + ": " + old_twin().str() +
                             " serves on");
    } else if (journal_.left) {
        world_.progress.note(old_twin().str() + " was left draining: it is waited for first");
        finish(old_view, new_view);
    } else {
        finish(look(old_twin()), look(new_twin()));
        world_.progress.note((outcome_.result == "kept" ? "undid" : "finished") +
                             std::string(" an interrupted swap of ") + pair_ + step + ": " +
                             outcome_.message);
    }
    const auto cut = journal_.left ? outcome_.connections_cut : 0;
    forget_run();
    cut_before_ = cut;
    return true;
}

/// An rc-service outlives a twinctl that is killed. On a busy machine it may stop or hang up a twin that has been started
/// anew since then.
void Swap::await_orphans() {
    for (int looks = 0; looks < orphan_looks && (world_.rc.is_running(old_twin().str()) ||
                                                 world_.rc.is_running(new_twin().str())); ++looks) {
        world_.clock.pause(20, {});
    }
}

bool Swap::undo() {
    take_as_old(look(old_twin()));
    withdraw_new();
    std::string output;
    if (!stop_new(output)) {
        if (look(old_twin()).draining && look(new_twin()).is_up()) {
            // An rc-service that outlived the killed swap has hung it up meanwhile.
            return false;
        }
        throw SystemError("cannot undo an interrupted swap, " + new_twin().str() +
                          " does not stop:\n" + output + how_it_stands("start"));
    }
    put_release_back();
    world_.notebook.clear_journal(pair_);
    return true;
}

void Swap::finish(const TwinView& old_view, const TwinView& new_view) {
    std::string output;
    if (!new_view.is_up() && !(old_view.is_up() ? bring_back_new() : bring_back_any())) {
        if (old_view.is_up()) {
            take_as_old(old_view);
            keep_old(reason_);
            return;
        }
        throw SystemError("cannot finish an interrupted swap, " + new_twin().str() +
                          " does not start again:\n" + reason_ + how_it_stands("start"));
    }
    if (old_view.alive) {
        take_as_old(old_view);
    } else if (new_view.record) {
        endpoint_ = new_view.record->endpoint;
    }
    // The switch and the signal may have been lost with whoever was to do it; a second time does
    // no harm.
    if (!switch_over() || !hang_up()) {
        throw SystemError("cannot finish an interrupted swap: " + reason_ + how_it_stands("start"));
    }
    finish_from_hup(world_.clock.now_ms() + drain_left_s() * 1000);
}

std::int64_t Swap::drain_left_s() {
    const auto gone_s = journal_.drain_began ? world_.clock.boot_s() - *journal_.drain_began : 0;
    // A journal of before the boot: nothing of its drain has gone by.
    return std::clamp<std::int64_t>(journal_.drain_for - gone_s, 0, journal_.drain_for);
}

bool Swap::reap_left() {
    const auto found = world_.notebook.read_journal(pair_);
    if (!found || !found->left) {
        return false;
    }
    journal_ = *found;
    outcome_.from = journal_.from;
    outcome_.to = journal_.to;
    adopt_forgotten();
    const auto view = look(old_twin());
    if (!view.alive && !look(new_twin()).alive) {
        // The pair was stopped meanwhile.
        world_.notebook.clear_journal(pair_);
        forget_run();
        return true;
    }
    bool reaped = true;
    if (view.alive && view.record) {
        take_as_old(view);
        if (!journal_.drain_began) {
            // An older twinctl went by the wall clock.
            journal_.drain_began = world_.clock.boot_s();
            world_.notebook.write_journal(journal_);
        }
        reaped = drain_left_s() == 0 || !world_.observer.any_connection(*old_, journal_.from);
    }
    if (reaped) {
        finish_from_hup(world_.clock.now_ms());
        world_.progress.note(outcome_.result == "kept"
                                 ? outcome_.message
                                 : old_twin().str() + " has been stopped after its drain: " + outcome_.message);
    }
    forget_run();
    return reaped;
}

void Swap::end_rehearsals() {
    for (int parity = 0; parity < 2; ++parity) {
        const auto view = look(twin(parity));
        if (!view.alive || !view.record->rehearsal) {
            continue;
        }
        adopt_forgotten();
        std::string output;
        if (!stop(twin(parity), output)) {
            throw SystemError(twin(parity).str() + " was left by a rehearsal that was killed, and does not stop:\n" + output);
        }
        world_.notebook.retire(twin(parity));
        world_.progress.note(twin(parity).str() + " was left by a rehearsal that was killed: it has been stopped");
    }
}

SwapOutcome Swap::roll_back() {
    const auto found = world_.notebook.read_journal(pair_);
    if (found && !found->left) {
        journal_ = *found;
        if (journal_.step < Step::Hup && look(old_twin()).is_up() && undo()) {
            outcome_.result = "swapped";
            outcome_.from = found->to;
            outcome_.to = found->from;
            outcome_.message = twin(found->from).str() + " is active";
            return outcome_;
        }
        recover();
    }
    if (!found || !found->left) {
        throw NothingBefore("there is nothing to go back to: no other twin of " + pair_ +
                         " can serve as it is; put the older version in place, and `twinctl swap " + pair_ + "`");
    }
    journal_ = *found;
    const auto before = look(old_twin());
    if (!before.is_up()) {
        throw NothingBefore("there is nothing to go back to: " + old_twin().str() + " has been hung up");
    }
    const auto now = look(new_twin());
    std::swap(journal_.from, journal_.to);
    journal_.left = false;
    journal_.drain_began.reset();
    outcome_.from = journal_.from;
    outcome_.to = journal_.to;
    endpoint_ = before.record->endpoint;
    if (now.alive && now.record) {
        take_as_old(now);
    }
    world_.progress.begin(pair_, journal_.from, journal_.to);
    if (!switch_over() || !hang_up()) {
        throw SystemError("cannot go back: " + reason_ + how_it_stands("start"));
    }
    finish_from_hup(world_.clock.now_ms() + old_config().drain_timeout * 1000LL);
    return outcome_;
}

std::string Swap::how_it_stands(const char* command) {
    const bool old_up = look(old_twin()).is_up();
    const bool new_up = look(new_twin()).is_up();
    const std::string up = old_up && new_up ? "both twins are"
                    : old_up         ? old_twin().str() + " is"
                    : new_up         ? new_twin().str() + " is"
                                     : "no twin is";
    return "\n" + up + " up; `twinctl " + command + " " + pair_ + "` tries again";
}

void Swap::forget_run() {
    outcome_ = {};
    fell_back_.clear();
    old_.reset();
    endpoint_ = Endpoint::Direct;
    hung_up_ = false;
    is_lost_ = false;
    mended_.clear();
    family_.clear();
    quiet_since_ms_ = -1;
    quiet_looks_ = 0;
    cut_before_ = 0;
    journal_ = {};
    journal_.pair = pair_;
}

}  // namespace twinctl
