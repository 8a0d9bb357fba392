// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tally.hpp"

#include <algorithm>
#include <stdexcept>

namespace twinctl {

namespace {

std::chrono::microseconds in_microseconds(Clock::duration time)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(time);
}

} // namespace

void Tally::started(Clock::time_point now)
{
    if (sent_ == 0) {
        begin_ = now;
    }
    // Time in which nobody asked is no silence; time between two refusals is.
    if (outstanding_ == 0 && !failing_) {
        silent_since_ = now;
    }
    ++sent_;
    ++outstanding_;
}

void Tally::finished(const Result& result, Clock::time_point now)
{
    --outstanding_;
    ++outcomes_[result.outcome];
    end_ = now;
    failing_ = result.outcome != Outcome::ok;
    silence_ = std::max(silence_, now - silent_since_);
    if (!failing_) {
        silent_since_ = now;
        latencies_.add(in_microseconds(now - result.begun));
    }
    if (result.error != 0) {
        ++errors_[result.error];
    }
    if (result.status == 0) {
        return;
    }
    if (result.status < 200 || result.status > 299) {
        ++statuses_[result.status];
    }
    Answers& answers = twins_[{result.twin, result.version}];
    if (answers.ok + answers.wrong == 0) {
        answers.first = in_microseconds(now - begin_);
    }
    answers.last = in_microseconds(now - begin_);
    ++(failing_ ? answers.wrong : answers.ok);
}

void Tally::verify() const
{
    if (sent_ != count(Outcome::ok) + lost() + count(Outcome::local)) {
        throw std::logic_error("the count does not add up: " + std::to_string(sent_) +
                               " sent, " + std::to_string(outstanding_) + " still under way");
    }
}

std::uint64_t Tally::count(Outcome outcome) const
{
    const auto found = outcomes_.find(outcome);
    return found == outcomes_.end() ? 0 : found->second;
}

std::uint64_t Tally::lost() const
{
    std::uint64_t sum = 0;
    for (const Outcome outcome : losses) {
        sum += count(outcome);
    }
    return sum;
}

std::chrono::microseconds Tally::elapsed() const
{
    return in_microseconds(end_ - begin_);
}

std::chrono::microseconds Tally::longest_silence() const
{
    return in_microseconds(silence_);
}

} // namespace twinctl
