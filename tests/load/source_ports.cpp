// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "source_ports.hpp"

namespace twinctl {

SourcePorts::SourcePorts(std::uint16_t low, std::uint16_t high)
{
    for (unsigned port = low; port <= high; ++port) {
        free_.push_back(static_cast<std::uint16_t>(port));
    }
}

std::uint16_t SourcePorts::take()
{
    if (free_.empty()) {
        return 0;
    }
    const std::uint16_t port = free_.front();
    free_.pop_front();
    return port;
}

void SourcePorts::give_back(std::uint16_t port)
{
    if (port != 0) {
        free_.push_back(port);
    }
}

} // namespace twinctl
