// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

namespace {

void end(const ProcessId& process) {
    for (const int signal : {SIGTERM, SIGKILL}) {
        if (!send_signal(process, signal)) {
            return;
        }
        for (int waited_ms = 0; waited_ms < 10000 && is_alive(process); waited_ms += 20) {
            usleep(20000);
        }
    }
}

/// A container that runs OpenRC has pairs of its own, and shows its processes to its host.
bool is_in_our_pid_namespace(long pid) {
    struct stat its {};
    struct stat ours {};
    return stat(("/proc/" + std::to_string(pid) + "/ns/pid").c_str(), &its) == 0 &&
           stat("/proc/self/ns/pid", &ours) == 0 && its.st_ino == ours.st_ino && its.st_dev == ours.st_dev;
}

/// Whoever supervises the twin after its stop: a pidfile was lost, or a signal.
std::vector<ProcessId> supervisors_of(const TwinName& twin) {
    std::vector<ProcessId> found;
    const auto words = std::string("supervise-daemon") + '\0' + twin.str() + '\0';
    each_number_in("/proc", [&](long number) {
        const auto pid = static_cast<pid_t>(number);
        const auto command = read_file_if_any("/proc/" + std::to_string(pid) + "/cmdline");
        if (command && command->find(words) != std::string::npos && is_supervisor(pid) &&
            is_in_our_pid_namespace(pid)) {
            if (const auto process = process_at(pid)) {
                found.push_back(*process);
            }
        }
        return true;
    });
    return found;
}

/// Started, or stopping and alive: if its stop is refused it is started as before.
bool keeps_pair_started(const Layout& layout, const TwinName& twin) {
    const auto state = service_state(layout.svcdir, twin.str());
    const auto record = read_record(layout, twin);
    return state == ServiceState::Started ||
           (state == ServiceState::Stopping && record && is_alive(record->process));
}

void reap_process(const Options& options, const Layout& layout) {
    // First, or it would bring back what is ended after it.
    for (const auto& supervisor : supervisors_of(options.twin)) {
        end(supervisor);
    }
    const auto record = read_record(layout, options.twin);
    if (!record) {
        return;
    }
    end(record->process);
    if (is_alive(record->process)) {
        throw SystemError(options.twin.str() + " cannot be killed: pid " +
                          std::to_string(record->process.pid));
    }
    leave_endpoint(options.twin, layout, *record);
}

}  // namespace

int reap(const Options& options, const Layout& layout) {
    reap_process(options, layout);
    if (keeps_pair_started(layout, options.twin.sibling())) {
        std::puts(options.twin.sibling().str().c_str());
    }
    return 0;
}

}  // namespace twinctl
