// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace twinctl {

constexpr std::size_t max_public_sockets = 16;

/// One entry of twin_public: where clients of the pair come in.
struct PublicSocket {
    std::string name;      ///< "main" unless the entry says NAME=
    std::string address;   ///< numeric, without brackets; empty: any, IPv4 and IPv6; "0.0.0.0"
                           ///< or "::": any of that family
    std::uint16_t port = 0;  ///< 0: a Unix stream socket
    std::string path;      ///< of the Unix stream socket, absolute

    bool is_unix() const { return port == 0; }
    std::string text() const;  ///< "80", "[::1]:80", "unix:/run/web.sock"
};

/// The entries of twin_public, in order: "80", "192.0.2.1:80", "http=80 https=443",
/// "unix:/run/web.sock", "api=unix:/run/api.sock". An IPv6 address is written in its short form.
/// Throws InputError.
std::vector<PublicSocket> parse_public(std::string_view text);

/// The entries of twin_wait_for: the same, but for names. Throws InputError.
std::vector<PublicSocket> parse_wait_for(std::string_view text);

}  // namespace twinctl
