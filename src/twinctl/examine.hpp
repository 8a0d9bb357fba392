// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

#include "core/layout.hpp"
#include "twinctl/config.hpp"
#include "twinctl/session.hpp"

namespace twinctl {

/// One thing that `check` has found. Facts are how things are; a warning wants to be looked at; a
/// refusal keeps the next swap from being done.
struct Finding {
    enum class Weight { Fact, Warning, Refusal };

    Weight weight = Weight::Fact;
    std::string text;
    std::string cure;  ///< empty for a fact
};

const char* to_string(Finding::Weight weight);

/// Looks at the pair and its machine, and changes nothing.
std::vector<Finding> examine(Session& session);

/// The part that needs no running system, for an image's tree: CONFIG is that of twin 0.
std::vector<Finding> examine_files(const Layout& layout, const std::string& pair, const Config& config);

}  // namespace twinctl
