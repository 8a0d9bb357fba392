// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>

namespace twinctl {

/// Numbers that follow from a seed, the same on every machine, which the distributions of the
/// standard library do not promise (splitmix64, Steele et al. 2014).
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    /// 0 ... BOUND - 1.
    unsigned below(unsigned bound) { return static_cast<unsigned>(next() % bound); }

    bool one_in(unsigned bound) { return below(bound) == 0; }

private:
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }

    std::uint64_t state_;
};

}  // namespace twinctl
