// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/ports.hpp"

#include <utility>

#include "core/entry.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

Port parse_entry(const Entry& entry) {
    const auto endpoint = parse_socket_address(entry, {2, 65534, "a base port"});
    if (endpoint.port % 2 != 0) {
        entry.bad("odd; a base port is even, twin 1 takes the next one");
    }
    return {entry.name, endpoint.address, endpoint.port};
}

}  // namespace

std::vector<Port> parse_ports(std::string_view text) {
    std::vector<Port> ports;
    for (const auto word : blank_separated(text)) {
        const auto entry = split_entry("port", word);
        auto port = parse_entry(entry);
        for (const auto& other : ports) {
            if (other.name == port.name) {
                entry.bad("the name '" + port.name + "' is given twice");
            }
            if (other.base == port.base && other.address == port.address) {
                entry.bad("given twice");
            }
        }
        ports.push_back(std::move(port));
    }
    return ports;
}

std::string endpoint_text(const std::string& address, std::uint16_t port) {
    if (address.empty()) {
        return std::to_string(port);
    }
    const bool v6 = address.find(':') != std::string::npos;
    return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace twinctl
