// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/entry.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <charconv>
#include <system_error>

#include "core/error.hpp"
#include "core/names.hpp"

namespace twinctl {

namespace {

bool is_entry_name(std::string_view name) {
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

std::uint16_t parse_port(const Entry& entry, std::string_view digits, const PortRange& range) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || end != digits.data() + digits.size() || error == std::errc::invalid_argument) {
        entry.bad("not a port number");
    }
    if (error != std::errc{} || value < range.lowest || value > range.highest) {
        entry.bad("out of range (" + std::string(range.what) + " is " + std::to_string(range.lowest) +
                  " to " + std::to_string(range.highest) + ")");
    }
    return static_cast<std::uint16_t>(value);
}

std::string parse_address(const Entry& entry, std::string_view text) {
    unsigned char buffer[sizeof(in6_addr)];
    std::string address(text);
    if (address.find('\0') != std::string::npos) {
        entry.bad("the address has a zero byte, where inet_pton(3) would stop");
    }
    if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
        address = address.substr(1, address.size() - 2);
        if (inet_pton(AF_INET6, address.c_str(), buffer) == 1) {
            return address;
        }
    } else if (inet_pton(AF_INET, address.c_str(), buffer) == 1) {
        return address;
    }
    entry.bad("the address must be numeric, IPv6 in brackets");
}

}  // namespace

void Entry::bad(const std::string& why) const {
    throw InputError(std::string(kind) + " '" + printable(text) + "': " + why);
}

Entry split_entry(std::string_view kind, std::string_view text) {
    Entry entry{kind, text, "main", text};
    // A path may have an equals sign of its own.
    const auto equals = text.find_first_of("=/");
    if (equals != std::string_view::npos && text[equals] == '=') {
        entry.name = std::string(text.substr(0, equals));
        entry.value.remove_prefix(equals + 1);
        if (!is_entry_name(entry.name)) {
            entry.bad("a " + std::string(kind) + "'s name is made of lower case letters, digits, _ and -");
        }
    }
    return entry;
}

SocketAddress parse_socket_address(const Entry& entry, const PortRange& range) {
    SocketAddress endpoint;
    auto digits = entry.value;
    if (const auto colon = digits.rfind(':'); colon != std::string_view::npos) {
        endpoint.address = parse_address(entry, digits.substr(0, colon));
        digits.remove_prefix(colon + 1);
    }
    endpoint.port = parse_port(entry, digits, range);
    return endpoint;
}

}  // namespace twinctl
