// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace twinctl {

extern const char* const usage_text;

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Who { Self, First, All };

struct Options {
    bool help = false;
    unsigned long kill_at = 0;  ///< 0: nobody is killed
    Who who = Who::First;
    unsigned long fail_at = 0;  ///< 0: nothing fails
    bool fail_on = false;       ///< and all after it
    int error = 0;
    bool only_first = false;
    std::vector<std::string> calls;  ///< empty: all
    std::string path;
    std::string let_go;
    std::string list;
    std::vector<std::string> command;
};

/// Throws UsageError.
Options parse_options(int argc, char** argv);

}  // namespace twinctl
