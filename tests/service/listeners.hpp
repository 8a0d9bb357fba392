// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>
#include <vector>

#include "options.hpp"
#include "unique_fd.hpp"

namespace twinctl {

/// A listening stream socket: TCP over IPv4 or IPv6, or a Unix socket.
struct Listener {
    std::string name; ///< as it was passed; that of --port is `port`
    UniqueFd fd;
    int family = 0;      ///< AF_INET, AF_INET6 or AF_UNIX
    std::string address; ///< as people write it: 127.0.0.1:80, [::1]:80, unix:/run/x
};

/// Takes over the passed descriptors and opens --port. Throws std::system_error when the system
/// refuses, std::runtime_error when a passed descriptor is not a listening stream socket.
std::vector<Listener> open_listeners(const Options& options);

/// The addresses of all of them, for a message.
std::string addresses_of(const std::vector<Listener>& listeners);

} // namespace twinctl
