// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "core/endpoint.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

/// Listening sockets for the service, and their names.
struct HandOver {
    std::vector<std::string> names;
    std::vector<Fd> sockets;
    std::string publics;  ///< the public ones as they are, which in a rehearsal are others
};

/// The names that gather_sockets will have for the endpoint chosen.
std::vector<std::string> names_of_handed(const Options& options, Endpoint endpoint);

/// The sockets that the service is to be handed: a public one out of the sibling that serves it,
/// or bound; those of the parity ports bound. Throws Refusal where one cannot be had.
HandOver gather_sockets(const Options& options, Endpoint endpoint, const Layout& layout);

/// Puts them at descriptor 3 and up, and unless HOW is No says so in LISTEN_FDS, LISTEN_PID and
/// LISTEN_FDNAMES (sd_listen_fds(3)): a service that is told their numbers by its arguments would
/// find them twice. The caller is to become the service without another fork.
void hand_over(HandOver& sockets, ListenFds how);

/// Throws Refusal where a public socket is taken by somebody who is not this pair.
void check_publics_free(const Options& options, Endpoint endpoint, const Layout& layout);

}  // namespace twinctl
