// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace twinctl {

/// Where TCP connections come in: an address (numeric; empty: any, "0.0.0.0" or "::": any of that
/// family) and a port. Port 0, that of a Unix socket, is passed over.
struct LocalPort {
    std::string address;
    std::uint16_t port = 0;
};

/// After new connections have been switched away from a listener: what began its handshake there
/// before still belongs to it, and is lost if the listener is closed too early. Handshakes are the
/// sockets in SYN_RECV at CLIENT_PORTS (those the clients connect to), seen by sock_diag(7); what
/// is through with it waits in the accept queues of LISTENERS (idiag_rqueue), all of them where
/// several processes listen on one port with SO_REUSEPORT.
///
/// Throws SystemError where sock_diag cannot be had. It may never get quiet, for clients that
/// vanish within their handshake: the caller sets a limit.
class Quiesce {
public:
    /// To be made right after the switch: takes down the handshakes of this moment.
    Quiesce(std::vector<LocalPort> client_ports, std::vector<LocalPort> listeners);

    /// Looks again; every 2 ms is often enough. True when nothing was left twice in a row. What
    /// the first look finds is the old listener's too: a packet that another CPU was at work on
    /// during the switch.
    bool is_quiet();

    /// How many handshakes and queued connections the last look has seen.
    unsigned left() const { return left_; }

private:
    std::vector<LocalPort> client_ports_;
    std::vector<LocalPort> listeners_;
    std::set<std::string> handshakes_;  ///< both ends of each that is the old listener's
    unsigned left_ = 0;
    int quiet_looks_ = 0;
    bool first_look_ = true;
};

}  // namespace twinctl
