// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <string>

#include "delay_line.hpp"
#include "tun.hpp"

namespace twinctl {

struct Options {
    bool help = false;
    std::string netns_a;
    std::string netns_b;
    Device tun_a;
    Device tun_b;
    Quality quality;
    std::chrono::seconds seconds{60};
    std::string ready_file;
};

/// Reads the command line. Throws UsageError.
Options parse_options(int argc, const char* const* argv);

/// The text of --help.
extern const char* const usage_text;

} // namespace twinctl
