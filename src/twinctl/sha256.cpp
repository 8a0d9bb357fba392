// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/sha256.hpp"

#include <cstdint>

namespace twinctl {

void Sha256::add(std::string_view text) {
    nettle_sha256_update(&context_, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
}

std::string Sha256::hex() {
    std::uint8_t digest[SHA256_DIGEST_SIZE];
    nettle_sha256_digest(&context_, sizeof digest, digest);
    std::string text;
    for (const auto byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

std::string Sha256::of(std::string_view text) {
    Sha256 sum;
    sum.add(text);
    return sum.hex();
}

}  // namespace twinctl
