// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "handshakes.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cstddef>

namespace twinctl {

namespace {

constexpr std::size_t shortest_ip_header = 20;
constexpr std::size_t shortest_tcp_header = 20;
constexpr unsigned syn = 0x02;
constexpr unsigned rst = 0x04;
constexpr unsigned ack = 0x10;

std::size_t two_bytes(Bytes packet, std::size_t at)
{
    return static_cast<std::size_t>(packet[at]) << 8U | packet[at + 1];
}

} // namespace

bool is_ipv4(Bytes packet)
{
    return packet.size() >= shortest_ip_header && packet[0] >> 4U == 4;
}

Part Handshakes::part_of(Bytes packet)
{
    const std::size_t ip_header = (packet[0] & 0x0fU) * 4U;
    const std::size_t whole = two_bytes(packet, 2);
    const bool fragment = (two_bytes(packet, 6) & 0x1fffU) != 0; // its ports are in the first one
    if (packet[9] != IPPROTO_TCP || fragment || whole > packet.size() ||
        whole < ip_header + shortest_tcp_header) {
        return Part::none;
    }
    const std::size_t payload = ip_header + (packet[ip_header + 12] >> 4U) * 4U;
    const unsigned flags = packet[ip_header + 13];

    Flow sent;
    std::copy_n(&packet[12], 8, sent.begin());
    std::copy_n(&packet[ip_header], 4, sent.begin() + 8);
    Flow received = sent;
    std::rotate(received.begin(), received.begin() + 4, received.begin() + 8);
    std::rotate(received.begin() + 8, received.begin() + 10, received.end());

    if ((flags & rst) != 0) {
        answered_.erase(sent);
        answered_.erase(received);
        return Part::none;
    }
    if ((flags & syn) != 0) {
        if ((flags & ack) == 0) {
            return Part::syn;
        }
        answered_.insert(received);
        return Part::syn_ack;
    }
    // A client that has something to say at once acknowledges with it, too: such a packet is data.
    const bool acknowledges = answered_.erase(sent) != 0;
    return acknowledges && payload >= whole ? Part::first_ack : Part::none;
}

} // namespace twinctl
