// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/names.hpp"
#include "core/ports.hpp"

namespace twinctl {

/// The words of TEXT between blanks, tabs and newlines. They point into TEXT.
std::vector<std::string_view> blank_separated(std::string_view text);

/// The words of TEXT as sh would split it: quotes and backslashes are honoured, and nothing is
/// expanded. Throws InputError where a quote is left open.
std::vector<std::string> split_words(std::string_view text);

/// WORD with {port}, {port:N}, {parity}, {twin}, {name}, {fd}, {fd:N} and {release} replaced. FDS are
/// the names of the sockets that are handed over, the first as descriptor 3; SLOT is the twin's
/// link to its release. Other braces stay as they are. Throws InputError where a port or descriptor
/// is asked for that the twin does not have.
std::string replace_placeholders(std::string_view word, const TwinName& twin,
                                 const std::vector<Port>& ports,
                                 const std::vector<std::string>& fds = {},
                                 const std::string& slot = {});

}  // namespace twinctl
