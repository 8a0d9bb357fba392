// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/deploy_queue.hpp"

#include <algorithm>

namespace twinctl {

void DeployQueue::note_change(std::int64_t now_ms) {
    if (!first_change_ms_) {
        first_change_ms_ = now_ms;
    }
    last_change_ms_ = now_ms;
}

std::optional<std::int64_t> DeployQueue::due_ms() const {
    if (is_deploying()) {
        return {};
    }
    std::optional<std::int64_t> due;
    if (first_change_ms_) {
        const std::int64_t settle_ms = settings_.settle_s * 1000LL;
        due = std::min(last_change_ms_ + settle_ms, *first_change_ms_ + most_settles * settle_ms);
    }
    if (hindered_) {
        due = std::min(due.value_or(hindered_->until_ms), hindered_->until_ms);
    }
    return due ? std::optional(std::max(*due, not_before_ms_)) : due;
}

std::optional<std::string> DeployQueue::choose(std::int64_t now_ms, const std::vector<Arrival>& arrivals,
                                               const std::vector<std::string>& seen,
                                               const std::function<UploadStamp(const std::string& id)>& stamp) {
    first_change_ms_.reset();
    std::erase_if(refused_, [&](const auto& refused) {
        return std::none_of(arrivals.begin(), arrivals.end(),
                            [&](const Arrival& arrival) { return arrival.id == refused.first; });
    });
    for (const auto& arrival : arrivals) {
        if (std::find(seen.begin(), seen.end(), arrival.id) != seen.end()) {
            continue;
        }
        const auto now = stamp(arrival.id);
        const auto refused = refused_.find(arrival.id);
        if (refused != refused_.end() && refused->second == now) {
            continue;
        }
        if (hindered_ && hindered_->id == arrival.id && now_ms < hindered_->until_ms) {
            // It is the newest all the same: those before it are not wanted.
            return {};
        }
        deploying_ = arrival.id;
        deploying_stamp_ = now;
        not_before_ms_ = now_ms + settings_.interval_s * 1000LL;
        return deploying_;
    }
    hindered_.reset();
    return {};
}

void DeployQueue::postpone(std::int64_t now_ms) {
    first_change_ms_.reset();
    if (hindered_) {
        hindered_->until_ms = now_ms + hindered_->pause_ms;
    }
}

void DeployQueue::note_end(std::int64_t now_ms, End end) {
    if (end == End::Refused) {
        refused_[deploying_] = deploying_stamp_;
    }
    if (end == End::Hindered) {
        const bool again = hindered_ && hindered_->id == deploying_;
        const auto pause_ms = again ? std::min(2 * hindered_->pause_ms, last_retry_ms) : first_retry_ms;
        hindered_ = Hindered{deploying_, now_ms + pause_ms, pause_ms};
    } else {
        hindered_.reset();
    }
    deploying_.clear();
    // What came in meanwhile, or the one before the one that was refused.
    note_change(now_ms);
}

}  // namespace twinctl
