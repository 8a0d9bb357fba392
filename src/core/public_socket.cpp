// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/public_socket.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <utility>

#include "core/entry.hpp"
#include "core/ports.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

constexpr std::string_view unix_prefix = "unix:";

std::string parse_path(const Entry& entry) {
    const auto path = entry.value.substr(unix_prefix.size());
    if (!path.starts_with('/') || path.ends_with('/')) {
        entry.bad("the path of a Unix socket must be absolute, and name a file");
    }
    if (path.size() >= sizeof sockaddr_un{}.sun_path) {
        entry.bad("the path of a Unix socket is shorter than 108 bytes");
    }
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(path.begin(), path.end(), is_control)) {
        entry.bad("the path has a control character");
    }
    return std::string(path);
}

/// As the kernel writes it, so that one address has one text.
std::string normal_address(const Entry& entry, const std::string& address) {
    if (address.find(':') == std::string::npos) {
        return address;
    }
    in6_addr parsed{};
    char text[INET6_ADDRSTRLEN] = "";
    inet_pton(AF_INET6, address.c_str(), &parsed);
    if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
        entry.bad("what comes in by IPv4 has an IPv4 address; write that");
    }
    return inet_ntop(AF_INET6, &parsed, text, sizeof text);
}

PublicSocket parse_public_socket(const Entry& entry) {
    PublicSocket socket;
    socket.name = entry.name;
    if (entry.value.starts_with(unix_prefix)) {
        socket.path = parse_path(entry);
        return socket;
    }
    const auto endpoint = parse_socket_address(entry, {});
    socket.address = normal_address(entry, endpoint.address);
    socket.port = endpoint.port;
    return socket;
}

}  // namespace

std::string PublicSocket::text() const {
    return is_unix() ? std::string(unix_prefix) + path : endpoint_text(address, port);
}

std::vector<PublicSocket> parse_public(std::string_view text) {
    std::vector<PublicSocket> sockets;
    for (const auto word : blank_separated(text)) {
        const auto entry = split_entry("public socket", word);
        auto socket = parse_public_socket(entry);
        for (const auto& other : sockets) {
            if (other.name == socket.name) {
                entry.bad("the name '" + socket.name + "' is given twice");
            }
            if (other.text() == socket.text()) {
                entry.bad("given twice");
            }
        }
        if (sockets.size() == max_public_sockets) {
            entry.bad("one too many (a pair has " + std::to_string(max_public_sockets) + " at most)");
        }
        sockets.push_back(std::move(socket));
    }
    return sockets;
}

std::vector<PublicSocket> parse_wait_for(std::string_view text) {
    std::vector<PublicSocket> sockets;
    for (const auto word : blank_separated(text)) {
        sockets.push_back(parse_public(word).front());
    }
    return sockets;
}

}  // namespace twinctl
