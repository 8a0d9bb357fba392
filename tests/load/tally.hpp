// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "event_loop.hpp"
#include "latencies.hpp"
#include "outcome.hpp"

namespace twinctl {

/// How one request ended.
struct Result {
    Outcome outcome = Outcome::ok;
    Clock::time_point begun; ///< before connect(2)
    int status = 0;          ///< HTTP; 0: no whole answer
    int error = 0;           ///< errno; 0: none
    std::string twin;
    std::string version;
};

/// Counts every request from its start to its end.
class Tally {
public:
    struct Answers {
        std::uint64_t ok = 0;
        std::uint64_t wrong = 0;
        std::chrono::microseconds first{0}; ///< since the first request of all
        std::chrono::microseconds last{0};
    };

    void started(Clock::time_point now);
    void finished(const Result& result, Clock::time_point now);
    void reopened() { ++reopened_; }
    void aborted() { ++aborted_; }

    /// Throws std::logic_error unless sent = ok + lost + local.
    void verify() const;

    std::uint64_t sent() const { return sent_; }
    std::uint64_t count(Outcome outcome) const;
    std::uint64_t lost() const;
    std::uint64_t outstanding() const { return outstanding_; }
    std::uint64_t reopened_connections() const { return reopened_; }
    std::uint64_t aborted_connections() const { return aborted_; }
    /// From the start of the first request to the end of the last.
    std::chrono::microseconds elapsed() const;
    /// The longest time without a successful answer although requests were under way, or failed
    /// one after the other.
    std::chrono::microseconds longest_silence() const;

    const Latencies& latencies() const { return latencies_; } ///< of the successful ones
    const std::map<std::pair<std::string, std::string>, Answers>& by_twin() const { return twins_; }
    const std::map<int, std::uint64_t>& by_status() const { return statuses_; } ///< not 2xx
    const std::map<int, std::uint64_t>& by_error() const { return errors_; }

private:
    std::uint64_t sent_ = 0;
    std::uint64_t outstanding_ = 0;
    std::uint64_t reopened_ = 0;
    std::uint64_t aborted_ = 0;
    std::map<Outcome, std::uint64_t> outcomes_;
    std::map<std::pair<std::string, std::string>, Answers> twins_;
    std::map<int, std::uint64_t> statuses_;
    std::map<int, std::uint64_t> errors_;
    Latencies latencies_;
    Clock::time_point begin_;
    Clock::time_point end_;
    Clock::time_point silent_since_;
    Clock::duration silence_{0};
    bool failing_ = false; ///< the last request to end was not successful
};

} // namespace twinctl
