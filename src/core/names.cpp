// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/names.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/plain.hpp"

namespace twinctl {

namespace {

bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '+' || c == '@';
}

}  // namespace

std::string why_no_name(std::string_view text) {
    if (text.empty()) {
        return "it is empty";
    }
    if (text.size() > 64) {
        return "it is longer than 64 characters";
    }
    if (text.front() == '-') {
        return "it begins with a dash";
    }
    for (const char c : text) {
        if (c == '.') {
            std::string without(text);
            std::replace(without.begin(), without.end(), '.', '-');
            return "it has a dot, where OpenRC would cut the name of its configuration file" +
                   (why_no_name(without).empty() ? "; '" + without + "' would do" : "");
        }
        if (!is_name_char(c)) {
            return "it has a character other than letters, digits and _-+@";
        }
    }
    return {};
}

TwinName parse_twin_name(std::string_view text) {
    const auto bad = [&](const std::string& why) {
        return InputError("'" + printable(text) + "' is no twin: " + why);
    };
    if (text.size() < 3 || (!text.ends_with(".0") && !text.ends_with(".1"))) {
        throw bad("its name must end in .0 or .1");
    }
    TwinName name{std::string(text.substr(0, text.size() - 2)), text.back() - '0'};
    if (const auto why = why_no_name(name.pair); !why.empty()) {
        throw bad(why);
    }
    return name;
}

std::string printable(std::string_view text) {
    return plain(text);
}

}  // namespace twinctl
