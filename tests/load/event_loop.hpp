// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <set>
#include <utility>

namespace twinctl {

using Clock = std::chrono::steady_clock;

/// Something that waits for one descriptor and one moment at a time.
class EventHandler {
public:
    virtual ~EventHandler() = default;
    /// The descriptor became readable or writable, or failed; told once for each change.
    virtual void on_ready() = 0;
    virtual void on_timer() = 0;

private:
    friend class EventLoop;
    Clock::time_point due_ = Clock::time_point::max();
};

/// epoll(7), edge triggered, and timers.
class EventLoop {
public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Until the descriptor is closed. Returns an errno value, 0 when it went well.
    int watch(int fd, EventHandler& handler);

    /// Each handler has one timer: a new time replaces the one before.
    void set_timer(EventHandler& handler, Clock::time_point due);
    void cancel_timer(EventHandler& handler);

    /// Waits until something happens, `until` at the latest, and calls who is concerned.
    void run_once(Clock::time_point until);

private:
    int epoll_;
    std::set<std::pair<Clock::time_point, EventHandler*>> timers_;
};

} // namespace twinctl
