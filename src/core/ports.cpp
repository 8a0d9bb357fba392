// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/ports.hpp"

#include <arpa/inet.h>

#include <charconv>

#include "core/error.hpp"
#include "core/names.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

[[noreturn]] void bad(std::string_view entry, const std::string& why) {
    throw InputError("port '" + printable(entry) + "': " + why);
}

std::uint16_t parse_base(std::string_view entry, std::string_view digits) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || end != digits.data() + digits.size() || error == std::errc::invalid_argument) {
        bad(entry, "not a port number");
    }
    if (error != std::errc{} || value < 2 || value > 65534) {
        bad(entry, "out of range (a base port is 2 to 65534)");
    }
    if (value % 2 != 0) {
        bad(entry, "odd; a base port is even, twin 1 takes the next one");
    }
    return static_cast<std::uint16_t>(value);
}

bool is_port_name(std::string_view name) {
    if (name.empty() || name.size() > 32) {
        return false;
    }
    for (const char c : name) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) {
            return false;
        }
    }
    return true;
}

std::string parse_address(std::string_view entry, std::string_view text) {
    unsigned char buffer[sizeof(in6_addr)];
    std::string address(text);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        address = address.substr(1, address.size() - 2);
        if (inet_pton(AF_INET6, address.c_str(), buffer) == 1) {
            return address;
        }
    } else if (inet_pton(AF_INET, address.c_str(), buffer) == 1) {
        return address;
    }
    bad(entry, "the address must be numeric, IPv6 in brackets");
}

Port parse_entry(std::string_view entry) {
    Port port;
    auto rest = entry;
    if (const auto equals = rest.find('='); equals != std::string_view::npos) {
        port.name = std::string(rest.substr(0, equals));
        if (!is_port_name(port.name)) {
            bad(entry, "a port's name is made of lower case letters, digits, _ and -");
        }
        rest.remove_prefix(equals + 1);
    } else {
        port.name = "main";
    }
    if (const auto colon = rest.rfind(':'); colon != std::string_view::npos) {
        port.address = parse_address(entry, rest.substr(0, colon));
        rest.remove_prefix(colon + 1);
    }
    port.base = parse_base(entry, rest);
    return port;
}

}  // namespace

std::vector<Port> parse_ports(std::string_view text) {
    std::vector<Port> ports;
    for (const auto entry : blank_separated(text)) {
        auto port = parse_entry(entry);
        for (const auto& other : ports) {
            if (other.name == port.name) {
                bad(entry, "the name '" + port.name + "' is given twice");
            }
            if (other.base == port.base && other.address == port.address) {
                bad(entry, "given twice");
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
