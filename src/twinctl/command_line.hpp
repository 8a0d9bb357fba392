// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "twinctl/context.hpp"

namespace twinctl {

/// One option of a subcommand. LONG_NAME without its dashes.
struct OptionSpec {
    const char* long_name;
    bool takes_value = false;
    bool repeatable = false;
};

/// The words of a subcommand, sorted out.
class Parsed {
public:
    bool has(const std::string& option) const { return values_.count(option) != 0; }
    std::string value(const std::string& option) const;
    const std::vector<std::string>& values(const std::string& option) const;
    const std::vector<std::string>& names() const { return names_; }

    /// The value as a number of seconds, 0 to 86400. Throws InputError.
    std::optional<int> seconds(const std::string& option) const;

private:
    friend Parsed parse_arguments(const Args&, const std::vector<OptionSpec>&, std::size_t, std::size_t,
                                  bool);
    std::map<std::string, std::vector<std::string>> values_;
    std::vector<std::string> names_;
};

/// Parses strictly: unknown options, abbreviations, missing values, too few or too many names
/// are InputErrors, and names that are no names of pairs, unless they are to be something else.
Parsed parse_arguments(const Args& args, const std::vector<OptionSpec>& options,
                       std::size_t least_names, std::size_t most_names, bool are_pairs = true);

}  // namespace twinctl
