// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "latencies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace twinctl {

void Latencies::add(std::chrono::microseconds time)
{
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
    // Below `steps` the value is its own place; above, its power of two and its leading bits are.
    const unsigned width = static_cast<unsigned>(std::bit_width(value));
    const unsigned power = width <= step_bits ? 0 : width - step_bits;
    const std::uint64_t step = power == 0 ? value : (value >> (power - 1U)) - steps;
    const std::uint64_t place = std::uint64_t{power} * steps + step;
    ++counts_[static_cast<std::size_t>(std::min<std::uint64_t>(place, counts_.size() - 1))];
    ++total_;
    max_ = std::max(max_, time);
}

std::chrono::microseconds Latencies::percentile(double share) const
{
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::uint64_t place = 0; place < counts_.size(); ++place) {
        seen += counts_[static_cast<std::size_t>(place)];
        if (seen >= wanted && seen > 0) {
            const std::uint64_t power = place / steps;
            const std::uint64_t step = place % steps;
            const std::uint64_t value =
                power == 0 ? step : ((step + steps + 1) << (power - 1U)) - 1;
            return std::min(std::chrono::microseconds(static_cast<std::int64_t>(value)), max_);
        }
    }
    return std::chrono::microseconds(0);
}

} // namespace twinctl
