// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <map>
#include <string>

namespace twinctl {

/// TEMPLATE with each @word@ (lower case letters and _) replaced by its value. Strict: a word
/// without a value and a value without its word are InputErrors.
std::string render(const std::string& text, const std::map<std::string, std::string>& values);

/// VALUE as one word of sh, whatever is in it.
std::string shell_quoted(const std::string& value);

}  // namespace twinctl
