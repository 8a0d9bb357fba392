// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace twinctl {

/// A fixed pool of client ports; the one that has rested longest comes first. An empty pool
/// leaves the choice to the kernel.
class SourcePorts {
public:
    SourcePorts() = default;
    SourcePorts(std::uint16_t low, std::uint16_t high);

    /// 0: any port.
    std::uint16_t take();
    void give_back(std::uint16_t port);

    /// How many different ports one may try for a connection.
    std::size_t choices() const { return free_.empty() ? 1 : free_.size(); }

private:
    std::deque<std::uint16_t> free_;
};

} // namespace twinctl
