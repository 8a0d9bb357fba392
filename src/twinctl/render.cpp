// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/render.hpp"

#include <cstddef>
#include <set>

#include "core/error.hpp"

namespace twinctl {

namespace {

bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

/// The end of the word that begins behind the @ at AT: the place of its closing @, or npos.
std::size_t word_end(const std::string& text, std::size_t at) {
    auto end = at + 1;
    while (end < text.size() && is_word_char(text[end])) {
        ++end;
    }
    return end > at + 1 && end < text.size() && text[end] == '@' ? end : std::string::npos;
}

}  // namespace

std::string render(const std::string& text, const std::map<std::string, std::string>& values) {
    std::string out;
    std::set<std::string> used;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto end = text[i] == '@' ? word_end(text, i) : std::string::npos;
        if (end == std::string::npos) {
            out += text[i];
            continue;
        }
        const auto word = text.substr(i + 1, end - i - 1);
        const auto value = values.find(word);
        if (value == values.end()) {
            throw InputError("the template asks for @" + word + "@, which nobody knows");
        }
        out += value->second;
        used.insert(word);
        i = end;
    }
    for (const auto& [word, value] : values) {
        if (used.count(word) == 0) {
            throw InputError("the template has no @" + word + "@");
        }
    }
    return out;
}

std::string shell_quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        out += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return out + "'";
}

}  // namespace twinctl
