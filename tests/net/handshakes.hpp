// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <array>
#include <set>
#include <span>

namespace twinctl {

using Bytes = std::span<const unsigned char>;

/// What a packet is to the handshake of its TCP connection (RFC 9293, 3.5).
enum class Part { syn, syn_ack, first_ack, none };

constexpr std::array<const char*, 4> part_names{"SYN", "SYN-ACK", "first ACK", "other"};

/// Whether it is a packet of IPv4; other than that there is only what a device says of itself.
bool is_ipv4(Bytes packet);

/// Tells the packets of handshakes from the others. It has to see both directions.
class Handshakes {
public:
    Part part_of(Bytes packet);

private:
    /// Two addresses and two ports, the client's first, as they stand in its packets.
    using Flow = std::array<unsigned char, 12>;

    std::set<Flow> answered_; ///< the SYN was answered, but that answer not yet acknowledged
};

} // namespace twinctl
