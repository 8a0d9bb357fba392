// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>

#include "core/error.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

bool Swap::recover() {
    const auto found = notebook_.read_journal(pair_);
    if (!found) {
        return false;
    }
    journal_ = *found;
    const auto old = twin(journal_.from);
    const auto fresh = twin(journal_.to);
    const auto old_view = observer_.look(old);
    const auto new_view = observer_.look(fresh);
    const auto step = std::string(" (it ended in step ") + to_string(journal_.step) + ")";
    std::string output;
    if (!old_view.alive && !new_view.alive) {
        notebook_.clear_journal(pair_);
        progress_.note("forgot an interrupted swap of " + pair_ + step + ": both twins are down");
    } else if (journal_.step < Step::Hup && old_view.is_up()) {
        if (!insist(fresh, "stop", output)) {
            throw SystemError("cannot undo an interrupted swap, " + fresh.str() +
                              " does not stop:\n" + output);
        }
        notebook_.clear_journal(pair_);
        progress_.note("undid an interrupted swap of " + pair_ + step + ": " + old.str() + " serves on");
    } else {
        finish(old_view, new_view);
        progress_.note((outcome_.result == "kept" ? "undid" : "finished") +
                       std::string(" an interrupted swap of ") + pair_ + step + ": " + outcome_.message);
    }
    outcome_ = {};
    old_process_.reset();
    journal_ = {};
    journal_.pair = pair_;
    return true;
}

void Swap::finish(const TwinView& old_view, const TwinView& new_view) {
    const auto old = twin(journal_.from);
    const auto fresh = twin(journal_.to);
    std::string output;
    if (!new_view.is_up() && !bring_back_new()) {
        if (old_view.is_up()) {
            keep_old(reason_);
            return;
        }
        throw SystemError("cannot finish an interrupted swap, " + fresh.str() +
                          " does not start again:\n" + reason_);
    }
    if (old_view.alive) {
        take_as_old(old_view);
        // The signal may have been lost with whoever was to send it; a second one does no harm.
        if (!hang_up()) {
            throw SystemError("cannot finish an interrupted swap: " + reason_);
        }
    }
    const auto left_s = std::max<std::int64_t>(0, journal_.drain_until - clock_.wall_s());
    finish_from_hup(clock_.now_ms() + left_s * 1000);
}

}  // namespace twinctl
