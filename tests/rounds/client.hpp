// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actor.hpp"

namespace twinctl {

/// What the clients of a round have counted.
struct Load {
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;
    std::uint64_t cut = 0;  ///< of these: accepted, and not answered to the end
    std::string report;
};

/// Clients from outside the pair, for as long as a round lasts.
class Client {
public:
    /// PROGRAM is twin-load.
    Client(const std::string& program, const std::string& url);

    /// Ends them, and waits for the answers that are due.
    Load finish();

private:
    Actor actor_;
};

/// The twin that answers a GET on this port of the loopback ("web.0"), or nothing.
std::optional<std::string> ask(std::uint16_t port);

}  // namespace twinctl
