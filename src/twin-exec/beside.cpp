// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/beside.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/serving.hpp"
#include "core/steer.hpp"
#include "twin-exec/modes.hpp"

namespace twinctl {

namespace {

constexpr int follow_ms = 250;
constexpr int follow_lazily_ms = 4000;
/// Where the kernel has no inotify(7) left.
constexpr int blind_ms = 20;
constexpr int watch_ms = 2000;

Fd open_process(const ProcessId& process) {
    return Fd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
}

bool is_own(const TwinName& twin, const Layout& layout, const Record& own) {
    const auto record = read_record(layout, twin);
    return record && record->process == own.process;
}

/// A file, and its second name.
using Kept = std::pair<std::string, std::string>;

std::vector<Kept> link_second_names(const TwinName& twin, const Record& own) {
    std::vector<Kept> kept;
    for (const auto& socket : parse_public(own.publics)) {
        if (!socket.is_unix()) {
            continue;
        }
        const auto second = socket.path + "." + twin.str();
        unlink(second.c_str());
        if (link(socket.path.c_str(), second.c_str()) == 0) {
            kept.emplace_back(socket.path, second);
        }
    }
    return kept;
}

void put_back(const std::vector<Kept>& kept) {
    for (const auto& [path, second] : kept) {
        if (!is_there(path)) {
            (void)!link(second.c_str(), path.c_str());
        }
    }
}

}  // namespace

void follow_listeners(const TwinName& twin, const Layout& layout, const Record& own) {
    const auto process = open_process(own.process);
    const Steer steer(layout, twin.pair);
    const auto publics = parse_public(own.publics);
    auto most = std::max(steer.filled(publics, twin.parity), static_cast<unsigned>(publics.size()));
    int pause_ms = follow_ms;
    pollfd ended{process.get(), POLLIN, 0};
    while (is_alive(own.process) && poll(&ended, 1, pause_ms) == 0) {
        if (!is_own(twin, layout, own) || exists(layout.draining(twin))) {
            return;
        }
        const auto filled = steer.filled(publics, twin.parity);
        most = std::max(most, filled);
        // A twin may have left one family for good: look less and less often.
        pause_ms = filled < most ? std::min(pause_ms * 2, follow_lazily_ms) : follow_ms;
        if (filled < most && listens(own, twin.parity)) {
            const auto lock = take_guard_lock(layout, twin.pair);
            Steer(layout, twin.pair).put(publics, parse_ports(own.ports), twin.parity, own.process);
        }
    }
}

void keep_socket_files(const TwinName& twin, const Layout& layout, const Record& own) {
    const auto kept = link_second_names(twin, own);
    const auto process = open_process(own.process);
    const Fd watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    bool watches = !!watch;
    for (const auto& [path, second] : kept) {
        const auto directory = path.substr(0, path.rfind('/') + 1);
        watches = watches && inotify_add_watch(watch.get(), directory.c_str(), IN_DELETE | IN_MOVED_FROM) >= 0;
    }
    pollfd waits[] = {{process.get(), POLLIN, 0}, {watch.get(), POLLIN, 0}};
    while (!kept.empty() && is_alive(own.process) && (waits[0].revents & POLLIN) == 0 && is_own(twin, layout, own)) {
        put_back(kept);
        char events[4096];
        while (watches && read(watch.get(), events, sizeof events) > 0) {
        }
        poll(waits, 2, watches ? watch_ms : blind_ms);
    }
    // It may have been its last deed.
    if (read_serving_record(layout, twin.sibling())) {
        put_back(kept);
    }
    for (const auto& [path, second] : kept) {
        unlink(second.c_str());
    }
}

}  // namespace twinctl
