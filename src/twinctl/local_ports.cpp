// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/local_ports.hpp"

#include <cstdio>

namespace twinctl {

LocalPortRange parse_local_port_range(const std::string& text) {
    LocalPortRange range;
    std::sscanf(text.c_str(), "%u %u", &range.low, &range.high);
    return range;
}

bool lists_port(const std::string& text, unsigned port) {
    const char* at = text.c_str();
    unsigned low = 0;
    int length = 0;
    while (std::sscanf(at, "%u%n", &low, &length) == 1) {
        at += length;
        unsigned high = low;
        if (*at == '-' && std::sscanf(at, "-%u%n", &high, &length) == 1) {
            at += length;
        }
        if (port >= low && port <= high) {
            return true;
        }
        at += *at == ',' ? 1 : 0;
    }
    return false;
}

}  // namespace twinctl
