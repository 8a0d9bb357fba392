// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/layout.hpp"
#include "twinctl/config.hpp"

namespace twinctl {

/// A directory that OpenRC needs to start a twin of CONFIG, and that is not there: "directory: there is no directory
/// /srv/web". OpenRC's start notices after it has said that all is well. Empty where nothing is missing.
std::string why_no_place(const Layout& layout, const Config& config);

}  // namespace twinctl
