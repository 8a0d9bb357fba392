// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "event_loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace twinctl {

namespace {

constexpr std::chrono::milliseconds longest_wait{1000};

int milliseconds_until(Clock::time_point moment)
{
    const auto wait = std::clamp<Clock::duration>(moment - Clock::now(), Clock::duration::zero(),
                                                  longest_wait);
    // Rounded up: rounded down it would spin through the last millisecond.
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

} // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC))
{
    if (epoll_ < 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_create1");
    }
}

EventLoop::~EventLoop()
{
    ::close(epoll_);
}

int EventLoop::watch(int fd, EventHandler& handler)
{
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &handler;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void EventLoop::set_timer(EventHandler& handler, Clock::time_point due)
{
    cancel_timer(handler);
    handler.due_ = due;
    timers_.emplace(due, &handler);
}

void EventLoop::cancel_timer(EventHandler& handler)
{
    if (handler.due_ != Clock::time_point::max()) {
        timers_.erase({handler.due_, &handler});
        handler.due_ = Clock::time_point::max();
    }
}

void EventLoop::run_once(Clock::time_point until)
{
    if (!timers_.empty()) {
        until = std::min(until, timers_.begin()->first);
    }
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   milliseconds_until(until));
    if (count < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "epoll_wait");
    }
    for (int index = 0; index < count; ++index) {
        static_cast<EventHandler*>(events[static_cast<std::size_t>(index)].data.ptr)->on_ready();
    }
    const auto now = Clock::now();
    while (!timers_.empty() && timers_.begin()->first <= now) {
        EventHandler& handler = *timers_.begin()->second;
        cancel_timer(handler);
        handler.on_timer();
    }
}

} // namespace twinctl
