// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "core/ports.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// What stands before a pair: nothing of ours, BPF that steers new connections to the active
/// twin's parity port, or one listening socket that the twins inherit from each other.
enum class Endpoint { Direct, Steer, Inherit };

const char* to_string(Endpoint endpoint);

/// Throws InputError unless TEXT is direct, steer or inherit.
Endpoint parse_endpoint(const std::string& text);

/// How a service is given listening sockets (twin_listen_fds).
enum class ListenFds { No, Yes, Nonblocking };

/// Throws InputError unless TEXT is yes, no, nonblocking or empty.
ListenFds parse_listen_fds(const std::string& text);

/// What the configuration says about where a twin serves.
struct Serving {
    std::string endpoint = "auto";  ///< twin_endpoint
    std::vector<PublicSocket> publics;
    std::vector<Port> ports;
    ListenFds listen_fds = ListenFds::No;
    std::vector<std::string> words;  ///< the command line, placeholders and all

    /// Whether it can be handed sockets: LISTEN_FDS, or a {fd:...} among its words.
    bool takes_descriptors() const;
};

/// The endpoint that SERVING gets where WHY_NO_STEER (empty: nothing) stands against steering.
/// Throws InputError where what it wants cannot be had, with what could be instead.
Endpoint choose_endpoint(const Serving& serving, const std::string& why_no_steer);

/// A listening socket that twin-exec hands to the service: one of the public ones, or that of a
/// parity port. The first is descriptor 3, as for LISTEN_FDS (sd_listen_fds(3)).
struct Handed {
    std::string name;                      ///< for LISTEN_FDNAMES and {fd:NAME}
    const PublicSocket* socket = nullptr;  ///< into SERVING, or
    const Port* port = nullptr;            ///< into SERVING
};

/// What is handed to the service. Public sockets with inherit; those parity ports that its words
/// name ({fd:NAME}), and with twin_listen_fds all of them unless it binds them itself ({port}): by
/// their names, with inherit NAME-parity.
std::vector<Handed> handed_to(const Serving& serving, Endpoint endpoint);

}  // namespace twinctl
