// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace twinctl {

/// Times from 1 us to 70 minutes, each known to 1 % and better, in memory that does not grow.
class Latencies {
public:
    void add(std::chrono::microseconds time);

    /// The time that `share` (0 to 1) of all do not exceed; 0 when there are none.
    std::chrono::microseconds percentile(double share) const;
    std::chrono::microseconds max() const { return max_; }

private:
    /// Each power of two is cut into so many steps.
    static constexpr unsigned step_bits = 7;
    static constexpr unsigned steps = 1U << step_bits;
    static constexpr unsigned powers = 26;

    std::array<std::uint64_t, steps * powers> counts_{};
    std::uint64_t total_ = 0;
    std::chrono::microseconds max_{0};
};

} // namespace twinctl
