// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <unistd.h>

#include "core/error.hpp"
#include "core/record.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/modes.hpp"

namespace twinctl {

int reap(const Options& options, const Layout& layout) {
    const auto record = read_record(layout, options.twin);
    if (!record) {
        return 0;
    }
    for (const int signal : {SIGTERM, SIGKILL}) {
        if (!send_signal(record->process, signal)) {
            break;
        }
        for (int waited_ms = 0; waited_ms < 10000 && is_alive(record->process); waited_ms += 20) {
            usleep(20000);
        }
    }
    if (is_alive(record->process)) {
        throw SystemError(options.twin.str() + " cannot be killed: pid " +
                          std::to_string(record->process.pid));
    }
    leave_endpoint(options.twin, layout, *record);
    return 0;
}

}  // namespace twinctl
