// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace twinctl {

struct LocalPortRange {
    unsigned low = 0;
    unsigned high = 0;
};

/// The content of net.ipv4.ip_local_port_range (ip-sysctl in the kernel's documentation).
LocalPortRange parse_local_port_range(const std::string& text);

/// Whether net.ipv4.ip_local_reserved_ports, "8080,9000-9010", has PORT (the same document).
bool lists_port(const std::string& text, unsigned port);

}  // namespace twinctl
