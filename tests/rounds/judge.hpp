// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "facts.hpp"
#include "options.hpp"

namespace twinctl {

/// What does not agree where one twin is up and nothing is under way, but perhaps a twin that was
/// left draining. Empty: all is well.
std::vector<std::string> complaints(const Facts& facts, const Options& options);

}  // namespace twinctl
