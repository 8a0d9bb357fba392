// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <nettle/sha2.h>

#include <string>
#include <string_view>

namespace twinctl {

/// SHA-256 (FIPS 180-4), by nettle.
class Sha256 {
public:
    Sha256() { nettle_sha256_init(&context_); }
    void add(std::string_view text);
    /// 64 digits, as sha256sum(1) prints them. Begins anew.
    std::string hex();

    static std::string of(std::string_view text);

private:
    sha256_ctx context_;
};

}  // namespace twinctl
