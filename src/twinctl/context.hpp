// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "core/layout.hpp"

namespace twinctl {

using Args = std::vector<std::string>;

/// What every command is given: where to work, how to talk.
struct Context {
    Layout layout;          ///< layout.root is what --root says, else ""
    bool quiet = false;
    bool verbose = false;
    std::ostream& out;
    std::ostream& err;
    /// The terminal below OUT, which obeys: for what is to be wiped, and no text of others.
    std::ostream& terminal;
    unsigned columns = 0;  ///< of that terminal; 0: OUT is none, or one that can wipe nothing
};

}  // namespace twinctl
