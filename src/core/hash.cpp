// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/hash.hpp"

namespace twinctl {

namespace {

constexpr std::uint64_t prime = 1099511628211u;

}  // namespace

void Hash::add(std::string_view text) {
    for (const char c : text) {
        value_ = (value_ ^ static_cast<unsigned char>(c)) * prime;
    }
    value_ = (value_ ^ 0x100) * prime;
}

std::string Hash::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4) {
        out += digits[value_ >> shift & 15];
    }
    return out;
}

std::string hash_of(std::string_view text) {
    Hash hash;
    hash.add(text);
    return hash.hex();
}

}  // namespace twinctl
