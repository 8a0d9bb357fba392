// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <unistd.h>

#include "core/active.hpp"
#include "core/layout.hpp"
#include "core/pair_lock.hpp"
#include "core/pidfile.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

int lock(const Options& options, const Layout& layout) {
    // The script goes by it next, and cannot tell who wrote it.
    read_active(layout, options.twin.pair);
    // The holder is the script: the lock belongs to the open file, which it shares with us.
    const auto holder = getppid();
    const auto& what = options.purpose.empty() ? "rc-service" : options.purpose;
    for (int tries = 0; !take_pair_lock(options.lock_fd, holder, what); ++tries) {
        if (tries >= options.wait_s * 50) {
            throw Refusal{exit_code::refused, describe_holder(layout, options.twin.pair)};
        }
        usleep(20000);
    }
    // Before the script asks OpenRC which twins are up.
    for (int parity = 0; parity < 2; ++parity) {
        forget_reused_pid(layout, {options.twin.pair, parity});
    }
    return 0;
}

}  // namespace twinctl
