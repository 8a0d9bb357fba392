// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/journal.hpp"

namespace twinctl {

namespace {

constexpr const char* step_names[] = {"preflight", "start", "ready", "switch", "quiesce",
                                      "hup",       "drain", "stop",  "record"};

}  // namespace

const char* to_string(Step step) {
    return step_names[static_cast<int>(step)];
}

std::optional<Step> step_from(const std::string& text) {
    int number = 0;
    for (const auto* name : step_names) {
        if (text == name) {
            return static_cast<Step>(number);
        }
        ++number;
    }
    return {};
}

}  // namespace twinctl
