// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "input.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace twinctl::fuzz {

Input::Input(const std::uint8_t* data, std::size_t size)
    : rest_(reinterpret_cast<const char*>(data), size) {}

unsigned Input::kind(unsigned count) {
    return static_cast<std::uint8_t>(byte() - '0') % count;
}

std::uint8_t Input::byte() {
    if (rest_.empty()) {
        return 0;
    }
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
}

std::string Input::line() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    std::string line(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
}

std::string Input::rest() {
    std::string rest(rest_);
    rest_ = {};
    return rest;
}

std::string unseparated(std::string text, char with) {
    std::replace(text.begin(), text.end(), '\x1f', with);
    return text;
}

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    });
}

}  // namespace twinctl::fuzz
