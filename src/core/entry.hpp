// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace twinctl {

/// One entry [NAME=]VALUE of twin_ports or twin_public. The views point into the list.
struct Entry {
    std::string_view kind;   ///< what the list is made of, as messages call it: "port"
    std::string_view text;   ///< as it is written
    std::string name;        ///< "main" unless it says NAME=
    std::string_view value;

    /// Throws InputError: "KIND 'TEXT': WHY".
    [[noreturn]] void bad(const std::string& why) const;
};

/// Throws InputError for a name that is none.
Entry split_entry(std::string_view kind, std::string_view text);

struct PortRange {
    unsigned lowest = 1;
    unsigned highest = 65535;
    const char* what = "a port";  ///< as the message calls one
};

struct SocketAddress {
    std::string address;  ///< numeric, as it is written, without brackets; empty: any
    std::uint16_t port = 0;
};

/// The entry's value as [ADDRESS:]PORT, IPv6 in brackets. Throws InputError.
SocketAddress parse_socket_address(const Entry& entry, const PortRange& range);

}  // namespace twinctl
