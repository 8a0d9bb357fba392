// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace twinctl {

/// "; did you mean 'stop' or 'swap'?": those of KNOWN that are nearest to WORD, with PREFIX before each. Empty where none is
/// like it but for two letters (one in a short word); two that changed places are one.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known, const std::string& prefix = "");

}  // namespace twinctl
