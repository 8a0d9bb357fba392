// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/command_line.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "core/error.hpp"
#include "core/names.hpp"
#include "twinctl/nearest.hpp"

namespace twinctl {

namespace po = boost::program_options;

std::string Parsed::value(const std::string& option) const {
    const auto found = values_.find(option);
    return found == values_.end() || found->second.empty() ? "" : found->second.back();
}

const std::vector<std::string>& Parsed::values(const std::string& option) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(option);
    return found == values_.end() ? none : found->second;
}

std::optional<int> Parsed::seconds(const std::string& option) const {
    if (!has(option)) {
        return {};
    }
    const auto text = value(option);
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > 86400) {
        throw InputError("--" + option + ": '" + printable(text) +
                         "' is not a number of seconds (0 to 86400)");
    }
    return number;
}

namespace {

/// What names stand under; as --pair names it is no option that anybody may give.
constexpr char names_key[] = "pair names";

po::options_description describe(const std::vector<OptionSpec>& options) {
    po::options_description description;
    for (const auto& option : options) {
        if (option.takes_value) {
            description.add_options()(option.long_name, po::value<std::vector<std::string>>(), "");
        } else {
            description.add_options()(option.long_name, "");
        }
    }
    description.add_options()(names_key, po::value<std::vector<std::string>>(), "");
    return description;
}

/// Boost would say this of them as well, but looks for %canonical_option% in what it says: an option that
/// is called so sends it round for ever.
void require_known(const Args& args, const std::vector<OptionSpec>& options) {
    bool is_value = false;
    for (const auto& word : args) {
        const bool is_global = word == "-q" || word == "-v" || word == "--quiet" || word == "--verbose" || word == "--root" ||
                               word.starts_with("--root=");
        if (!is_value && is_global) {
            throw InputError("'" + printable(word) + "' stands before the command: `twinctl " + printable(word) +
                             " COMMAND ...`");
        }
        if (is_value || !word.starts_with("--")) {
            is_value = false;
            continue;
        }
        if (word == "--") {
            return;
        }
        const auto name = word.substr(2, word.find('=') - 2);
        const auto option = std::find_if(options.begin(), options.end(),
                                         [&](const OptionSpec& spec) { return name == spec.long_name; });
        if (option == options.end()) {
            std::vector<std::string> names;
            for (const auto& spec : options) {
                names.emplace_back(spec.long_name);
            }
            throw InputError("unrecognised option '--" + printable(name) + "'" + did_you_mean(name, names, "--"));
        }
        is_value = option->takes_value && word.find('=') == std::string::npos;
    }
}

}  // namespace

Parsed parse_arguments(const Args& args, const std::vector<OptionSpec>& options,
                       std::size_t least_names, std::size_t most_names, bool are_pairs) {
    namespace style = po::command_line_style;
    Parsed parsed;
    require_known(args, options);
    try {
        const auto description = describe(options);
        po::positional_options_description positional;
        positional.add(names_key, -1);
        const auto result =
            po::command_line_parser(args)
                .options(description)
                .positional(positional)
                .style(style::allow_long | style::long_allow_next | style::long_allow_adjacent)
                .run();
        for (const auto& option : result.options) {
            if (option.position_key >= 0) {
                parsed.names_.insert(parsed.names_.end(), option.value.begin(), option.value.end());
                continue;
            }
            auto& values = parsed.values_[option.string_key];
            values.insert(values.end(), option.value.begin(), option.value.end());
        }
    } catch (const po::error& error) {
        throw InputError(printable(error.what()));
    }
    for (const auto& option : options) {
        if (!option.repeatable && parsed.values(option.long_name).size() > 1) {
            throw InputError(std::string("option '--") + option.long_name + "' is given twice");
        }
    }
    if (parsed.names_.size() < least_names) {
        throw InputError("the name of a pair is missing");
    }
    if (parsed.names_.size() > most_names) {
        throw InputError("too many words: '" + printable(parsed.names_[most_names]) + "'");
    }
    for (const auto& name : parsed.names_) {
        if (const auto why = are_pairs ? why_no_name(name) : ""; !why.empty()) {
            throw InputError("'" + printable(name) + "' is no name for a pair: " + why);
        }
    }
    return parsed;
}

}  // namespace twinctl
