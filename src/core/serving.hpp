// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "core/record.hpp"

namespace twinctl {

/// Whether the recorded twin takes connections: its own processes listen on each parity port that
/// they bind themselves, and wait at each socket that was handed to them.
bool serves(const Record& record, int parity);

/// Whether it has any of those listeners open: one that was hung up closes them all. Cheaper.
bool has_listeners(const Record& record, int parity);

/// The names of RECORD's handed sockets, one by one.
std::vector<std::string> handed_names(const Record& record);

}  // namespace twinctl
