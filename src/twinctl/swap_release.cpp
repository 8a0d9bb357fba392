// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What the new twin runs, in a pair that has releases. Each twin has a slot of its own, so that
// one that is respawned comes back as the version it was.
#include "twinctl/swap.hpp"

#include <string>

#include "twinctl/journal.hpp"

namespace twinctl {

void Swap::take_release(const std::string& release) {
    if (new_config().releases.directory.empty()) {
        return;
    }
    auto& notebook = world_.notebook;
    outcome_.release = release.empty() ? notebook.release_of(old_config(), journal_.from) : release;
    const auto before = notebook.release_of(new_config(), journal_.to);
    if (outcome_.release.empty() || outcome_.release == before) {
        return;
    }
    // What still runs from that slot is not to come back as something else.
    clear_the_place();
    journal_.slot_before = before;
    enter(Step::Start);
    notebook.point_slot(new_config(), journal_.to, outcome_.release);
}

void Swap::put_release_back() {
    if (journal_.slot_before) {
        world_.notebook.point_slot(new_config(), journal_.to, *journal_.slot_before);
        journal_.slot_before.reset();
    }
}

/// The new release has died after the old twin was hung up, which cannot be undone: the new twin runs
/// what the old one did. False if that is nothing else.
bool Swap::fall_back() {
    if (new_config().releases.directory.empty()) {
        return false;
    }
    const auto old = world_.notebook.release_of(old_config(), journal_.from);
    const auto failed = world_.notebook.release_of(new_config(), journal_.to);
    if (old.empty() || old == failed) {
        return false;
    }
    fell_back_ = "release " + failed + " has ended after " + old_twin().str() + " was hung up, and does not start again: " +
                 new_twin().str() + " runs " + old;
    world_.progress.note(fell_back_);
    world_.notebook.point_slot(new_config(), journal_.to, old);
    return true;
}

void Swap::note_release() {
    if (new_config().releases.directory.empty()) {
        return;
    }
    outcome_.release = world_.notebook.release_of(new_config(), journal_.to);
    const auto old = world_.notebook.release_of(old_config(), journal_.from);
    if (!old.empty() && old != outcome_.release) {
        world_.notebook.set_release_before(pair_, old);
    }
}

}  // namespace twinctl
