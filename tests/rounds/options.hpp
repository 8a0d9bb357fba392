// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

namespace twinctl {

struct Options {
    unsigned rounds = 100;
    std::uint64_t seed = 1;
    bool kills = false;       ///< kill -9 of some actors
    bool supervised = false;  ///< the twins run under supervise-daemon
    bool verbose = false;
    std::string endpoint = "direct";
    std::string load = "twin-load";
    std::uint16_t base = 8080;
    std::uint16_t port = 80;  ///< where the clients come to
};

extern const char* const usage_text;

/// Throws InputError.
Options parse_options(int argc, const char* const* argv);

}  // namespace twinctl
