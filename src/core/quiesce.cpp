// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/quiesce.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "core/sock_diag.hpp"

namespace twinctl {

namespace {

/// IPv4 as ::ffff:a.b.c.d: so it is written for a dual-stack listener's handshakes.
using Address = std::array<unsigned char, 16>;

Address make_address(int family, const void* bytes) {
    Address address{};
    if (family == AF_INET) {
        address[10] = address[11] = 0xff;
        std::memcpy(address.data() + 12, bytes, 4);
    } else {
        std::memcpy(address.data(), bytes, 16);
    }
    return address;
}

bool is_wildcard(const std::string& address) {
    return address.empty() || address == "0.0.0.0" || address == "::";
}

bool is_v4(const Address& address) {
    constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(address.data(), mapped, sizeof mapped) == 0;
}

Address parse_address(const std::string& text) {
    const int family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
    unsigned char bytes[16] = {};
    if (inet_pton(family, text.c_str(), bytes) != 1) {
        throw SystemError("not a numeric address: " + text);
    }
    return make_address(family, bytes);
}

/// Whether a connection to LOCAL comes in at PORT's address.
bool comes_in_at(const LocalPort& port, const Address& local) {
    if (is_wildcard(port.address)) {
        return port.address.empty() || is_v4(local) == (port.address == "0.0.0.0");
    }
    return parse_address(port.address) == local;
}

/// Whether a socket in LISTEN at LOCAL may have connections that came in at PORT's address.
bool may_serve(const LocalPort& port, const Address& local) {
    static const Address any_v4 = parse_address("0.0.0.0");
    static const Address any_v6 = parse_address("::");
    return is_wildcard(port.address) || local == any_v4 || local == any_v6 ||
           parse_address(port.address) == local;
}

/// What tells one handshake at the ports from another: both addresses and both ports.
std::vector<std::string> handshakes_at(const std::vector<LocalPort>& ports) {
    std::vector<std::string> found;
    for (const auto& port : ports) {
        visit_tcp_sockets(port.port, 1u << TCP_SYN_RECV, [&](const inet_diag_msg& message) {
            const auto local = make_address(message.idiag_family, message.id.idiag_src);
            if (!comes_in_at(port, local)) {
                return;
            }
            const auto remote = make_address(message.idiag_family, message.id.idiag_dst);
            std::string key(local.begin(), local.end());
            key.append(remote.begin(), remote.end());
            key.append(std::to_string(message.id.idiag_sport) + " " +
                       std::to_string(message.id.idiag_dport));
            found.push_back(std::move(key));
        });
    }
    return found;
}

unsigned queued_at(const std::vector<LocalPort>& ports) {
    unsigned queued = 0;
    for (const auto& port : ports) {
        // A dump, where one exact lookup would find but one socket of a SO_REUSEPORT group.
        visit_tcp_sockets(port.port, 1u << TCP_LISTEN, [&](const inet_diag_msg& message) {
            if (may_serve(port, make_address(message.idiag_family, message.id.idiag_src))) {
                queued += message.idiag_rqueue;
            }
        });
    }
    return queued;
}

}  // namespace

Quiesce::Quiesce(std::vector<LocalPort> client_ports, std::vector<LocalPort> listeners)
    : client_ports_(std::move(client_ports)), listeners_(std::move(listeners)) {
    const auto no_port = [](const LocalPort& local) { return local.port == 0; };
    std::erase_if(client_ports_, no_port);
    std::erase_if(listeners_, no_port);
    for (auto& handshake : handshakes_at(client_ports_)) {
        handshakes_.insert(std::move(handshake));
    }
}

bool Quiesce::is_quiet() {
    // The handshakes first: one that ends between the two is then seen in the queue.
    left_ = 0;
    for (auto& handshake : handshakes_at(client_ports_)) {
        if (first_look_) {
            handshakes_.insert(std::move(handshake));
            ++left_;
        } else {
            left_ += handshakes_.count(handshake) != 0 ? 1 : 0;
        }
    }
    first_look_ = false;
    left_ += queued_at(listeners_);
    quiet_looks_ = left_ == 0 ? quiet_looks_ + 1 : 0;
    return quiet_looks_ >= 2;
}

}  // namespace twinctl
