// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/public_socket.hpp"

namespace twinctl {

/// Where the listener for public socket number PUBLIC stands in the map of the sockets.
constexpr std::uint32_t steer_slot(std::size_t public_index, int parity, int family_index) {
    return static_cast<std::uint32_t>(public_index) * 4 +
           static_cast<std::uint32_t>(parity * 2 + family_index);
}

/// Whether connections in FAMILY (AF_INET or AF_INET6) can come in at the public socket.
bool takes_family(const PublicSocket& socket, int family);

/// The program of type sk_lookup for PUBLICS. ACTIVE is an array of one u32, the parity; SOCKETS
/// a sockmap with four slots for each public socket. It only ever picks a listener: what it has
/// none for goes the kernel's usual way.
///
/// Of entries for one port the more exact comes first, an address before a wildcard. Throws
/// InputError for a Unix socket.
std::vector<bpf_insn> steer_program(const std::vector<PublicSocket>& publics, int active,
                                    int sockets);

/// The name that the program is loaded under: a hash of its instructions, so that what stands can
/// be told from what is wanted, after an update of twinctl too.
std::string steer_program_name(const std::vector<PublicSocket>& publics);

}  // namespace twinctl
