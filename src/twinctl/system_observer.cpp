// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/program.hpp"
#include "core/sockets.hpp"
#include "twinctl/connections.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/system_world.hpp"

namespace twinctl {

namespace {

constexpr int connect_timeout_ms = 1000;
constexpr int check_timeout_ms = 60000;
constexpr std::size_t shown_lines = 5;

/// Whether a connection to ADDRESS:PORT is made within a second.
bool connects(const std::string& address, std::uint16_t port) {
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (address.find(':') == std::string::npos) {
        auto* in = reinterpret_cast<sockaddr_in*>(&storage);
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        inet_pton(AF_INET, address.empty() ? "127.0.0.1" : address.c_str(), &in->sin_addr);
        length = sizeof *in;
    } else {
        auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        inet_pton(AF_INET6, address.c_str(), &in6->sin6_addr);
        length = sizeof *in6;
    }
    const Fd fd(socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
        return false;
    }
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) == 0) {
        return true;
    }
    pollfd poll_for{fd.get(), POLLOUT, 0};
    int error = 0;
    socklen_t size = sizeof error;
    return poll(&poll_for, 1, connect_timeout_ms) == 1 &&
           getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

}  // namespace

TwinView SystemObserver::look(const TwinName& twin) {
    TwinView view;
    view.state = service_state(layout_.svcdir, twin.str());
    view.busy = is_being_changed(layout_.svcdir, twin.str());
    view.record = read_record(layout_, twin);
    view.alive = view.record && is_alive(view.record->process);
    view.draining = exists(layout_.draining(twin));
    if (view.alive && !view.record->placeholder) {
        view.listening = listens_on_all(parse_ports(view.record->ports), twin.parity,
                                        view.record->process.pid);
    }
    if (const auto text = read_file_if_any(layout_.pidfile(twin)); text && !view.alive) {
        // Empty: supervise-daemon has opened it, and not written yet.
        const auto pid = static_cast<pid_t>(std::strtol(text->c_str(), nullptr, 10));
        view.failed = pid > 0 && !process_at(pid);
    }
    return view;
}

unsigned SystemObserver::connections(const std::vector<Port>& ports, int parity) {
    unsigned count = 0;
    for (const auto& port : ports) {
        count += count_connections(port.of(parity));
    }
    return count;
}

std::string SystemObserver::taken_port(const Config& config, int parity) {
    for (const auto& port : config.ports) {
        if (find_listener(port.address, port.of(parity))) {
            return endpoint_text(port.address, port.of(parity));
        }
    }
    return {};
}

bool SystemObserver::accepts_tcp(const Config& config, int parity) {
    return std::all_of(config.ports.begin(), config.ports.end(), [&](const Port& port) {
        return connects(port.address, port.of(parity));
    });
}

bool SystemObserver::catches(const ProcessId& process, int signal) {
    return twinctl::catches(process.pid, signal);
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

std::string SystemObserver::why_no_program(const Config& config) {
    return find_program(config.command)
               ? ""
               : "there is no program '" + printable(config.command) + "': see twin_command";
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

bool SystemObserver::run_check(const std::string& command, std::string& output) {
    const auto result =
        run_program({{"/bin/sh", "-c", command}, plain_environment(), check_timeout_ms});
    output = result.timed_out ? "it did not end in 60 s" : result.output;
    return result.status == 0;
}

std::uint64_t SystemObserver::log_size(const Config& config) {
    struct stat info {};
    return stat(config.error_log.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

std::string SystemObserver::last_lines(const Config& config, std::uint64_t since) {
    const Fd fd(open(config.error_log.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    const auto size = log_size(config);
    if (!fd || size <= since) {
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
    return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

}  // namespace twinctl
