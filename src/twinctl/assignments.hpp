// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace twinctl {

/// Adds the plain assignments of a shell script to VALUES: KEY=VALUE, as the shell would take it without expanding or
/// running anything. What is more than that is passed over; where it is STRICT, it throws InputError with its line.
void parse_assignments(std::string_view text, bool strict, std::map<std::string, std::string>& values);

}  // namespace twinctl
