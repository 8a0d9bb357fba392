// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <unistd.h>

#include <cstdio>
#include <string>

#include "core/connect.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

namespace {

constexpr int connect_timeout_ms = 1000;

}  // namespace

void wait_for_others(const Options& options) {
    for (const auto& socket : options.wait_for) {
        bool told = false;
        // One after the other: whoever comes up last is waited for longest, the rest not at all.
        for (int attempt = 1; !is_reachable(socket, connect_timeout_ms); ++attempt) {
            if (attempt >= options.wait_attempts) {
                throw Refusal{exit_code::refused,
                              options.twin.str() + " needs " + socket.text() + ", where nobody answers (" +
                                  std::to_string(attempt) + " attempts)"};
            }
            if (!told) {
                told = true;
                std::fprintf(stderr, "twin-exec: %s waits for %s\n", options.twin.str().c_str(),
                             socket.text().c_str());
            }
            sleep(1);
        }
    }
}

}  // namespace twinctl
