// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// Why new connections cannot be steered by this process on this kernel: permission, an option of
/// the kernel, a version before 5.9. Empty where they can.
std::string why_no_steer();

/// The port of the same name, where SOCKET leads to. Throws InputError where there is none.
const Port& port_for(const PublicSocket& socket, const std::vector<Port>& ports);

/// Endpoint steer. A BPF program of type sk_lookup (bpf-sk_lookup in the kernel's documentation),
/// attached to the network namespace, hands what comes in for a public port to the parity
/// listener of the active twin; while that has none, to its sibling's. The link and the maps are
/// pinned in a bpf file system of our own, so that clients are led whatever process has ended.
///
/// Throws SystemError where the kernel refuses, and InputError for a Unix socket.
class Steer {
public:
    Steer(const Layout& layout, std::string pair);

    /// Whether it is attached, in this network namespace, for exactly these public sockets.
    bool stands(const std::vector<PublicSocket>& publics) const;

    /// Throws SystemError where the pair is steered in another network namespace that is still
    /// there: out of reach from this one.
    void require_reachable() const;

    /// Afterwards it stands for PUBLICS. It points where it did, and at ACTIVE if it was not
    /// attached: a starting twin attaches while a swap may be pointing it elsewhere. What stood
    /// for other sockets goes on beside it until put() has filled the new slots of one twin, so
    /// that no client is refused meanwhile. It may be killed at any point: the next call makes it
    /// good. Throws SystemError where the pair is steered in another network namespace that is
    /// still there.
    void attach(const std::vector<PublicSocket>& publics, int active);

    /// Puts the listeners that PROCESS, or a descendant, has on the parity ports of TWIN into the
    /// twin's slots: the port of the same name for each public socket, IPv4 and IPv6. False where
    /// it listens on none of one of them. A listener that is closed leaves its slot by itself.
    ///
    /// Throws SystemError unless it stands for PUBLICS, and for an MPTCP listener, which the
    /// kernel does not let into a sockmap; InputError where no port has a public socket's name.
    bool put(const std::vector<PublicSocket>& publics, const std::vector<Port>& ports, int parity,
             const ProcessId& process);

    /// Where the sibling of twin PARITY takes connections, and that one does not: "80 by IPv6"; empty
    /// where there is no such place.
    std::string lacks(const std::vector<PublicSocket>& publics, int parity) const;

    /// Whether it stands, and each public socket has a listener of twin PARITY in its slots.
    bool has(const std::vector<PublicSocket>& publics, int parity) const;

    /// How many slots of twin PARITY have a listener: one a public socket and family. 0 where it does not stand.
    unsigned filled(const std::vector<PublicSocket>& publics, int parity) const;

    /// New connections go to PARITY from here on: one update of a map.
    void point_at(int parity);

    /// The parity it points at; nothing where it is not attached.
    std::optional<int> active() const;

    /// Unpins link and maps, and unmounts the file system if nothing else is in it. No error
    /// where there is nothing.
    void detach();

private:
    Layout layout_;
    std::string pair_;
    std::string pins_;  ///< the pair's directory in the bpf file system
};

}  // namespace twinctl
