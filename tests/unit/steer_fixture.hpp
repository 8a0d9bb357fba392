// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/ports.hpp"
#include "core/public_socket.hpp"
#include "core/steer.hpp"

/// The tag of the tests that steer_test.cpp runs in network and mount namespaces of their own.
/// Hidden: on this machine's own network they have no business.
#define IN_NAMESPACES "[.in-namespaces]"

/// A pair there, steered for PUBLICS.
struct SteeredPair {
    SteeredPair(const std::string& public_sockets, const std::string& twin_ports,
                const std::string& name = "web");
    ~SteeredPair();

    bool put(int parity);
    bool is_mounted() const;

    twinctl::Layout layout;
    std::vector<twinctl::PublicSocket> publics;
    std::vector<twinctl::Port> ports;
    twinctl::Steer steer;
};

/// Runs BODY in a child process; its exit status, 255 if it threw, or -SIGNAL.
int in_child(const std::function<int()>& body);
