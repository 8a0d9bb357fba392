// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "handshakes.hpp"
#include "tun.hpp"

namespace twinctl {

/// How bad the line is.
struct Quality {
    std::chrono::microseconds delay{0}; ///< each way
    double loss_percent = 0;
    bool lose_handshakes_only = true;
    std::uint32_t seed = 0;
};

/// Carries the packets of IPv4 between two devices: each of them is late by the same time, and some
/// are lost.
class DelayLine {
public:
    using Clock = std::chrono::steady_clock;

    struct Counts {
        std::uint64_t carried = 0;
        std::uint64_t unwanted = 0; ///< the receiving device refused it
        std::array<std::uint64_t, part_names.size()> lost{}; ///< by Part
        std::size_t longest_queue = 0;
        Clock::duration latest{0}; ///< that a packet was written after it was due
    };

    DelayLine(const Tun& left, const Tun& right, const Quality& quality);

    /// Until that time, or until `interrupted` says so: it is asked ten times a second. What is on
    /// its way at the end is lost. Throws std::system_error when a device is gone.
    Counts run(Clock::time_point until, const std::function<bool()>& interrupted);

private:
    struct Packet {
        Clock::time_point due;
        const Tun* to;
        std::vector<unsigned char> bytes;
    };

    void take(const Tun& from, const Tun& to);
    bool is_lost(Bytes packet);
    void deliver_due();
    void wait(Clock::time_point until) const;

    const Tun& left_;
    const Tun& right_;
    const Quality quality_;
    std::mt19937 random_;
    Handshakes handshakes_;
    /// The delay is the same for all, so the first to come is the first to go.
    std::deque<Packet> queue_;
    Counts counts_;
};

} // namespace twinctl
