// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <unistd.h>

#include "core/error.hpp"
#include "core/guard.hpp"
#include "core/record.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/modes.hpp"

namespace twinctl {

namespace {

void wait_for_end(const ProcessId& process) {
    for (int waited_ms = 0; waited_ms < 10000 && is_alive(process); waited_ms += 20) {
        usleep(20000);
    }
}

/// Two starts in the same instant leave one pidfile, and a stop ends one supervisor. The other one
/// would bring its service back.
void reap_supervisor(const Record& record) {
    const auto parent = is_alive(record.process) ? parent_of(record.process.pid) : std::nullopt;
    if (parent && is_supervisor(parent->pid) && send_signal(*parent, SIGTERM)) {
        wait_for_end(*parent);
    }
}

}  // namespace

int reap(const Options& options, const Layout& layout) {
    const auto record = read_record(layout, options.twin);
    if (!record) {
        return 0;
    }
    reap_supervisor(*record);
    for (const int signal : {SIGTERM, SIGKILL}) {
        if (!send_signal(record->process, signal)) {
            break;
        }
        wait_for_end(record->process);
    }
    if (is_alive(record->process)) {
        throw SystemError(options.twin.str() + " cannot be killed: pid " +
                          std::to_string(record->process.pid));
    }
    leave_endpoint(options.twin, layout, *record);
    return 0;
}

}  // namespace twinctl
