// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "target.hpp"

namespace twinctl {

struct Options {
    bool help = false;
    std::vector<Target> targets;
    unsigned rate = 0; ///< requests a second over all; 0: as fast as it goes
    unsigned clients = 16;
    std::chrono::milliseconds duration{10'000};
    std::uint64_t requests = 0; ///< 0: as many as fit into the duration
    std::string until_file;
    bool keep_alive = false;
    std::chrono::milliseconds timeout{5000};
    std::optional<std::size_t> post; ///< size of the body
    std::chrono::milliseconds post_time{0};
    std::optional<std::pair<std::uint16_t, std::uint16_t>> source_ports;
    unsigned rst_percent = 0;
    std::string expect;
    bool progress = false;
    bool json = false;
};

/// Reads the command line and TWIN_LOAD_NETNS. Throws UsageError.
Options parse_options(int argc, const char* const* argv);

/// The text of --help.
extern const char* const usage_text;

} // namespace twinctl
