// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "delay_line.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace twinctl {

namespace {

constexpr std::chrono::nanoseconds longest_wait = std::chrono::milliseconds(100);
constexpr std::chrono::nanoseconds tick = std::chrono::microseconds(200);
/// Packets of one device in a row, so that those that are due do not wait for all that come.
constexpr int batch = 256;

} // namespace

DelayLine::DelayLine(const Tun& left, const Tun& right, const Quality& quality)
    : left_(left), right_(right), quality_(quality), random_(quality.seed)
{
}

DelayLine::Counts DelayLine::run(Clock::time_point until, const std::function<bool()>& interrupted)
{
    while (Clock::now() < until && !interrupted()) {
        take(left_, right_);
        take(right_, left_);
        deliver_due();
        wait(until);
    }
    return counts_;
}

void DelayLine::take(const Tun& from, const Tun& to)
{
    std::array<unsigned char, 65536> buffer;
    for (int taken = 0; taken < batch; ++taken) {
        const std::size_t size = from.read(buffer);
        if (size == 0) {
            return;
        }
        const Bytes packet(buffer.data(), size);
        if (is_ipv4(packet) && !is_lost(packet)) {
            queue_.push_back({Clock::now() + quality_.delay, &to, {packet.begin(), packet.end()}});
            counts_.longest_queue = std::max(counts_.longest_queue, queue_.size());
        }
    }
}

bool DelayLine::is_lost(Bytes packet)
{
    const Part part = handshakes_.part_of(packet);
    if (quality_.lose_handshakes_only && part == Part::none) {
        return false;
    }
    // Not a distribution of the library: those differ, and then so would what a seed stands for.
    constexpr double outcomes = 1.0 + static_cast<double>(std::mt19937::max());
    if (static_cast<double>(random_()) / outcomes * 100 >= quality_.loss_percent) {
        return false;
    }
    ++counts_.lost[static_cast<std::size_t>(part)];
    return true;
}

void DelayLine::deliver_due()
{
    for (auto now = Clock::now(); !queue_.empty() && queue_.front().due <= now;
         now = Clock::now()) {
        const Packet& packet = queue_.front();
        counts_.latest = std::max(counts_.latest, now - packet.due);
        ++(packet.to->write(packet.bytes) ? counts_.carried : counts_.unwanted);
        queue_.pop_front();
    }
}

void DelayLine::wait(Clock::time_point until) const
{
    // While packets are on their way it looks at all of them together, rather than be woken by each
    // one that comes or is due: that costs more than to carry it.
    const auto longest = queue_.empty() ? longest_wait : tick;
    const auto time = std::clamp<std::chrono::nanoseconds>(until - Clock::now(),
                                                           std::chrono::nanoseconds(0), longest);
    const timespec timeout{0, static_cast<long>(time.count())};
    std::array<pollfd, 2> devices{{{left_.fd(), POLLIN, 0}, {right_.fd(), POLLIN, 0}}};
    if (::ppoll(devices.data(), queue_.empty() ? devices.size() : 0, &timeout, nullptr) < 0 &&
        errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "ppoll");
    }
}

} // namespace twinctl
