// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/give_up.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include "core/files.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "twin-exec/background.hpp"

namespace twinctl {

namespace {

/// Without a word of it on its command line.
constexpr int usual_period_s = 60;
/// From the end of a twin to the end of a supervisor that does not bring it back, respawn_delay aside.
constexpr int slack_s = 5;
constexpr int look_ms = 1000;

/// The value of a number's OPTION on the command line of a process.
int option_of(pid_t pid, const std::string& option, int otherwise) {
    const auto line = read_file_if_any("/proc/" + std::to_string(pid) + "/cmdline").value_or("");
    const auto wanted = std::string(1, '\0') + option + '\0';
    const auto at = line.find(wanted);
    int value = otherwise;
    if (at != std::string::npos) {
        std::from_chars(line.data() + at + wanted.size(), line.data() + line.size(), value);
    }
    return std::clamp(value, 0, 86400);
}

void wait_for_end(const ProcessId& process, int timeout_ms) {
    const Fd fd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
    pollfd entry{fd.get(), POLLIN, 0};
    if (is_alive(process)) {
        poll(&entry, 1, timeout_ms);
    }
}

/// True if it ended with this twin as its last one.
bool outlived(const ProcessId& supervisor, const TwinName& twin, const Layout& layout, const ProcessId& own) {
    const int period_s = option_of(supervisor.pid, "--respawn-period", usual_period_s);
    const int delay_s = option_of(supervisor.pid, "--respawn-delay", 0);
    const auto began = std::time(nullptr);
    std::time_t dead_since = 0;
    for (;;) {
        wait_for_end(supervisor, look_ms);
        if (!is_alive(supervisor)) {
            return true;
        }
        const auto now = std::time(nullptr);
        const auto record = read_record(layout, twin);
        if (!record || record->process != own) {
            return false;
        }
        if (is_alive(own)) {
            dead_since = 0;
        } else if (dead_since == 0) {
            dead_since = now;
        }
        if (dead_since != 0 ? now - dead_since > delay_s + slack_s : period_s > 0 && now - began > period_s) {
            return false;
        }
    }
}

bool is_any(const Layout& layout, const char* state, const std::string& service) {
    return exists(layout.svcdir + "/" + state + "/" + service);
}

void give_back(const TwinName& twin, const Layout& layout) {
    // It marks its service after its end has begun.
    for (int looks = 0; looks < 100 && service_state(layout.svcdir, twin.str()) != ServiceState::Stopped; ++looks) {
        usleep(10000);
    }
    if (is_any(layout, "failed", twin.str()) && is_any(layout, "started", twin.pair) &&
        service_state(layout.svcdir, twin.sibling().str()) == ServiceState::Stopped) {
        execlp("rc-service", "rc-service", twin.pair.c_str(), "zap", static_cast<char*>(nullptr));
    }
}

}  // namespace

void watch_for_give_up(const TwinName& twin, const Layout& layout, const std::optional<Record>& before,
                       const Record& own) {
    if (own.supervisor == 0 || !before || before->supervisor != own.supervisor) {
        return;
    }
    const auto supervisor = process_at(own.supervisor);
    if (supervisor) {
        in_background([&] {
            if (outlived(*supervisor, twin, layout, own.process)) {
                give_back(twin, layout);
            }
        });
    }
}

}  // namespace twinctl
