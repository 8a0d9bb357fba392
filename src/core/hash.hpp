// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace twinctl {

/// FNV-1a, 64 bits: enough to see a change, and no more is asked of it.
class Hash {
public:
    /// Adds TEXT and its end, so that "ab" + "c" is not "a" + "bc".
    void add(std::string_view text);

    /// 16 digits.
    std::string hex() const;

private:
    std::uint64_t value_ = 14695981039346656037u;
};

std::string hash_of(std::string_view text);

}  // namespace twinctl
