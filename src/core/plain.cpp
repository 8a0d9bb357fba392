// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/plain.hpp"

#include <cstddef>

namespace twinctl {

namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

/// The length of the character that TEXT begins with; 0 where that is none of UTF-8, or one of C1.
/// Forms that are longer than they need be are none, either: E0 and F0 have a least second byte.
std::size_t length_of_character(std::string_view text) {
    const auto first = byte_at(text, 0);
    const auto second = byte_at(text, 1);
    const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xc0) != 0x80) {
            return 0;
        }
    }
    const bool is_c1 = first == 0xc2 && second < 0xa0;
    const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    return is_c1 || is_overlong ? 0 : length;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string plain(std::string_view text, std::string_view kept) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    while (!text.empty()) {
        auto length = length_of_character(text);
        if (length == 0 || (is_control(text[0]) && kept.find(text[0]) == std::string_view::npos)) {
            const auto byte = byte_at(text, 0);
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
            length = 1;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace twinctl
