// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/means.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/program.hpp"
#include "core/public_socket.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
#include "core/sockets.hpp"
#include "core/trust.hpp"
#include "core/user.hpp"
#include "twinctl/config.hpp"
#include "twinctl/connections.hpp"
#include "twinctl/drain_watch.hpp"
#include "twinctl/places.hpp"
#include "twinctl/probe.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/system_world.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

namespace {

/// What waits in the accept queues of the twin's own listeners.
unsigned queued_at(const Record& record, int parity) {
    unsigned queued = 0;
    for (const auto& port : parse_ports(record.ports)) {
        const auto listener = find_listener(port.address, port.of(parity));
        queued += listener ? listener->queued : 0;
    }
    return queued;
}

/// For a process to end after a signal.
constexpr int end_ms = 2000;

constexpr int connect_timeout_ms = 1000;
constexpr std::size_t shown_lines = 5;

}  // namespace

TwinView SystemObserver::look(const TwinName& twin) {
    TwinView view;
    view.state = service_state(layout_.svcdir, twin.str());
    view.busy = is_being_changed(layout_.svcdir, twin.str());
    view.record = read_record(layout_, twin);
    view.alive = view.record && twinctl::is_alive(view.record->process);
    view.draining = exists(layout_.draining(twin));
    if (view.alive && !view.record->placeholder) {
        view.listening = has_listeners(*view.record, twin.parity);
    }
    if (const auto text = read_own_file_if_any(layout_.pidfile(twin)); text && !view.alive) {
        // Empty: supervise-daemon has opened it, and not written yet.
        const auto pid = parse_pid(*text);
        view.failed = pid && !process_at(*pid);
    }
    // A shutdown marks so what it leaves to the pair, too.
    view.given_up = view.state == ServiceState::Stopped && is_marked_failed(layout_.svcdir, twin.str()) &&
                    !exists(layout_.down(twin.pair));
    return view;
}

bool SystemObserver::serves(const TwinName& twin, const Record& record) {
    return !record.placeholder && twinctl::serves(record, twin.parity);
}

bool SystemObserver::serves_if_asked(const TwinName& twin, const Record& record) {
    return !record.placeholder && twinctl::serves_if_asked(record, twin.parity);
}

Holder SystemObserver::who_listens(const TwinName& twin, const Record& record) {
    return twinctl::who_listens(record, twin.parity);
}

bool SystemObserver::is_alive(const ProcessId& process) {
    return twinctl::is_alive(process);
}

unsigned SystemObserver::connections(const Record& record, int parity) {
    return watch(record, parity).count() + queued_at(record, parity);
}

bool SystemObserver::any_connection(const Record& record, int parity) {
    return watch(record, parity).any_left() || queued_at(record, parity) > 0;
}

DrainWatch& SystemObserver::watch(const Record& record, int parity) {
    auto found = watches_.find(record.process.pid);
    if (found == watches_.end() || found->second.first != record.process) {
        ServedAt served;
        for (const auto& port : parse_ports(record.ports)) {
            served.ports.push_back(port.of(parity));
        }
        for (const auto& socket : parse_public(record.publics)) {
            if (socket.is_unix()) {
                served.unix_paths.push_back(socket.path);
            } else {
                served.ports.push_back(socket.port);
            }
        }
        found = watches_.insert_or_assign(record.process.pid,
                                          std::pair(record.process, DrainWatch(record.process, served))).first;
    }
    return found->second.second;
}

std::optional<TakenPort> SystemObserver::taken_port(const Config& config, int parity) {
    for (const auto& port : config.ports) {
        if (const auto listener = find_listener(port.address, port.of(parity))) {
            return TakenPort{endpoint_text(port.address, port.of(parity)), holder_text(listener->inode)};
        }
    }
    return {};
}

bool SystemObserver::accepts_tcp(const Config& config, int parity) {
    return std::all_of(config.ports.begin(), config.ports.end(), [&](const Port& port) {
        return accepts(port.address, port.of(parity), connect_timeout_ms);
    });
}

std::string SystemObserver::why_no_answer(const Config& config, int parity, int timeout_ms) {
    for (const auto& port : config.ports) {
        const auto why = why_no_2xx(port.address, port.of(parity), config.ready_argument, timeout_ms);
        if (!why.empty()) {
            return why;
        }
    }
    return {};
}

SignalFate SystemObserver::fate_of(const ProcessId& process, int signal) {
    return twinctl::fate_of(process.pid, signal);
}

void SystemObserver::watch_ends(const Record& record, int parity) {
    std::vector<std::uint16_t> ports;
    for (const auto& port : parse_ports(record.ports)) {
        ports.push_back(port.of(parity));
    }
    // What came by a public port has that as its own, and so have the sibling's.
    std::unordered_set<std::uint64_t> cookies;
    const auto held = watch(record, parity).inodes();
    for (const auto& socket : parse_public(record.publics)) {
        if (!socket.is_unix()) {
            cookies.merge(tcp_cookies(socket.port, held));
        }
    }
    ends_.emplace(std::move(ports), std::move(cookies));
}

unsigned SystemObserver::ended_unanswered() {
    return ends_ ? ends_->unanswered() : 0;
}

std::vector<ProcessId> SystemObserver::family_of(const ProcessId& process) {
    std::vector<ProcessId> family;
    for (const auto pid : process_tree(process.pid)) {
        if (const auto member = process_at(pid)) {
            family.push_back(*member);
        }
    }
    return family;
}

std::string SystemObserver::end_listening(const std::vector<ProcessId>& processes, const Record& record, int parity) {
    std::string ended;
    for (const auto& process : processes) {
        if (!twinctl::is_alive(process)) {
            continue;
        }
        const auto inodes = listeners_at(record, parity);
        if (std::none_of(inodes.begin(), inodes.end(), [&](auto inode) { return find_socket({process.pid}, inode); })) {
            continue;
        }
        ended += (ended.empty() ? "" : ", ") + process_text(process.pid);
        for (const int signal : {SIGTERM, SIGKILL}) {
            send_signal(process, signal);
            for (int waited_ms = 0; waited_ms < end_ms && twinctl::is_alive(process); waited_ms += 20) {
                usleep(20000);
            }
        }
    }
    return ended;
}

std::uint64_t SystemObserver::memory_of(const ProcessId& process) {
    std::uint64_t sum = 0;
    for (const auto pid : process_tree(process.pid)) {
        sum += anonymous_memory(pid);
    }
    return sum;
}

std::uint64_t SystemObserver::memory_available() {
    const auto text = read_file("/proc/meminfo");
    const std::string key = "MemAvailable:";
    const auto at = text.find(key);
    // Kernels before 3.14 do not say; then nothing is refused for it.
    return at == std::string::npos
               ? UINT64_MAX
               : std::strtoull(text.c_str() + at + key.size(), nullptr, 10) * 1024;
}

std::string SystemObserver::why_blind(const TwinName& twin, const Record& record) {
    for (const auto& why : {why_elsewhere(layout_, twin.pair, twin.str()), why_no_sock_diag(), why_no_sight(record.process),
                            record.endpoint == Endpoint::Direct ? std::string() : why_no_taking()}) {
        if (!why.empty()) {
            return why;
        }
    }
    return {};
}

std::string SystemObserver::why_unstartable(const Config& config) {
    if (!find_program(config.command)) {
        return "there is no program '" + printable(config.command) + "': see twin_command";
    }
    if (!config.user.empty()) {
        try {
            find_identity(config.user);
        } catch (const InputError& error) {
            return std::string("twin_user: ") + error.what();
        }
    }
    return why_no_place(layout_, config);
}

std::string SystemObserver::listens_elsewhere(const ProcessId& process) {
    const auto tree = process_tree(process.pid);
    std::string ports;
    for (const auto& listener : list_listeners()) {
        if (find_socket(tree, listener.inode)) {
            ports += (ports.empty() ? "" : " ") + endpoint_text(listener.address, listener.port);
        }
    }
    return ports;
}

bool SystemObserver::run_check(const std::string& command, const TwinName& twin,
                               const std::vector<Port>& ports, int timeout_ms, std::string& output) {
    auto environment = plain_environment();
    environment.push_back("TWIN_NAME=" + twin.str());
    environment.push_back("TWIN_PARITY=" + std::to_string(twin.parity));
    if (!ports.empty()) {
        environment.push_back("TWIN_PORT=" + std::to_string(ports.front().of(twin.parity)));
    }
    const auto result = run_program({{"/bin/sh", "-c", command}, environment, timeout_ms});
    output = result.timed_out ? "it did not end in " + seconds_text(timeout_ms) : result.output;
    return !result.timed_out && result.status == 0;
}

std::uint64_t SystemObserver::log_size(const Config& config) {
    struct stat info {};
    return stat(config.error_log.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

std::string SystemObserver::last_lines(const Config& config, std::uint64_t since) {
    // Its directory may be the service's own: a link there is not followed, a FIFO not waited for.
    const Fd fd(open(config.error_log.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!fd || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return {};
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size <= since) {
        return {};
    }
    char buffer[4096];
    const auto from = std::max<std::uint64_t>(since, size > sizeof buffer ? size - sizeof buffer : 0);
    const auto n = pread(fd.get(), buffer, sizeof buffer, static_cast<off_t>(from));
    std::string text(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    std::size_t begin = text.size();
    for (std::size_t lines = 0; lines < shown_lines && begin != std::string::npos && begin > 0; ++lines) {
        begin = text.rfind('\n', begin - 1);
    }
    return begin == std::string::npos || text.empty() ? text : text.substr(begin + 1);
}

}  // namespace twinctl
