// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <ostream>

#include "twinctl/context.hpp"

namespace twinctl {

/// twinctl without its process: ARGS are the words after the program's name. Returns the exit
/// code; every failure has been said on ERR, in one place.
/// COLUMNS is how wide the terminal is that OUT is; 0: it is none.
int run_app(const Args& args, std::ostream& out, std::ostream& err, unsigned columns);

}  // namespace twinctl
