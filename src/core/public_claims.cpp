// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/public_claims.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/record.hpp"
#include "core/sock_diag.hpp"
#include "core/steer_program.hpp"

namespace twinctl {

namespace {

bool is_any(const std::string& address) {
    return address.empty() || address == "0.0.0.0" || address == "::";
}

}  // namespace

bool overlap(const PublicSocket& one, const PublicSocket& other) {
    if (one.is_unix() || other.is_unix() || one.port != other.port) {
        return false;
    }
    const bool same_family = (takes_family(one, AF_INET) && takes_family(other, AF_INET)) ||
                             (takes_family(one, AF_INET6) && takes_family(other, AF_INET6));
    return same_family && (is_any(one.address) || is_any(other.address) || one.address == other.address);
}

std::vector<std::uint64_t> listeners_within(const PublicSocket& socket) {
    std::vector<std::uint64_t> inodes;
    if (socket.is_unix()) {
        return inodes;
    }
    const auto add = [&](const inet_diag_msg& message) {
        char text[INET6_ADDRSTRLEN] = "";
        inet_ntop(message.idiag_family, message.id.idiag_src, text, sizeof text);
        PublicSocket listener;
        listener.address = text;
        listener.port = socket.port;
        if (overlap(socket, listener)) {
            inodes.push_back(message.idiag_inode);
        }
    };
    try {
        visit_tcp_sockets(socket.port, 1u << TCP_LISTEN, add);
    } catch (const SystemError&) {
        // Without sock_diag only the exact address can be asked for.
    }
    return inodes;
}

std::string pair_that_has(const Layout& layout, const std::string& pair, const PublicSocket& socket) {
    for (const auto& other : names_in(layout.steering())) {
        // The pins of a pair whose public sockets are just being changed are beside its own.
        if (other == pair || !why_no_name(other).empty()) {
            continue;
        }
        for (const int parity : {0, 1}) {
            const auto record = read_serving_record(layout, {other, parity});
            if (!record || record->endpoint != Endpoint::Steer) {
                continue;
            }
            const auto publics = parse_public(record->publics);
            const auto found = std::find_if(publics.begin(), publics.end(),
                                            [&](const PublicSocket& its) { return overlap(socket, its); });
            if (found != publics.end()) {
                return other + ", which has " + found->text();
            }
        }
    }
    return {};
}

}  // namespace twinctl
