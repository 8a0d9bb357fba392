// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace twinctl {

namespace {

/// How many letters are to be changed, put in, left out, or swapped with their neighbour, to make one of the other.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                steps[i][j] = i + j;
                continue;
            }
            const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
            steps[i][j] = std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + other});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
            }
        }
    }
    return steps[a.size()][b.size()];
}

constexpr std::size_t longest = 64;
constexpr std::size_t short_word = 5;

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known, const std::string& prefix) {
    if (word.size() > longest) {
        return {};
    }
    std::size_t least = word.size() < short_word ? 1 : 2;
    std::string nearest;
    for (const auto& candidate : known) {
        const auto steps = distance(word, candidate);
        if (steps < least) {
            nearest.clear();
        }
        if (steps <= least) {
            least = steps;
            nearest += (nearest.empty() ? "'" : " or '") + prefix + candidate + "'";
        }
    }
    return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

}  // namespace twinctl
