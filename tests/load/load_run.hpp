// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "client.hpp"
#include "event_loop.hpp"
#include "options.hpp"
#include "source_ports.hpp"
#include "tally.hpp"

namespace twinctl {

/// Sends what the options ask for: decides when a request starts, and when the last one did.
class LoadRun : private ClientHost {
public:
    /// `interrupted` is asked often whether to stop sending.
    LoadRun(const Options& options, std::function<bool()> interrupted);

    /// Returns when the last request under way has ended.
    Tally run();

private:
    void finished(const Result& result) override;
    void reopened() override { tally_.reopened(); }
    void aborted() override { tally_.aborted(); }
    void available(Client& client) override { free_.push_back(&client); }

    bool over(Clock::time_point now);
    /// How many requests may have been started by now.
    std::uint64_t due(Clock::time_point now) const;
    void start_due(Clock::time_point now);
    const Order& order_for(const Client& client);
    Clock::time_point next_event(Clock::time_point now) const;
    void look_around(Clock::time_point now);

    const Options& options_;
    std::function<bool()> interrupted_;
    Habits habits_;
    std::vector<Order> orders_;
    std::size_t next_order_ = 0;
    EventLoop loop_;
    SourcePorts ports_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::deque<Client*> free_; ///< the one that has rested longest first
    Tally tally_;
    Clock::time_point begin_;
    Clock::time_point paused_until_;
    Clock::time_point look_around_at_;
    Clock::time_point progress_at_;
    bool over_ = false;
};

} // namespace twinctl
