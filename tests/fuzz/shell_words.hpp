// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twinctl::fuzz {

/// The words of TEXT by the quoting rules of POSIX (Shell Command Language, 2.2), and nothing more:
/// nothing is expanded, and operators are letters. Nothing where a quote is left open.
std::optional<std::vector<std::string>> shell_words(std::string_view text);

}  // namespace twinctl::fuzz
