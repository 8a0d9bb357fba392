// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/means.hpp"

#include <linux/inet_diag.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/sock_diag.hpp"
#include "core/trust.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

/// By the names of /proc/PID/ns and by those of namespaces(7).
constexpr std::pair<const char*, const char*> namespace_kinds[] = {
    {"ipc", "IPC"}, {"mnt", "mount"}, {"net", "network"}, {"pid", "PID"}, {"user", "user"}, {"uts", "UTS"}};

}  // namespace

std::string why_no_sock_diag() {
    try {
        visit_tcp_sockets(1, 1u << TCP_LISTEN, [](const inet_diag_msg&) {});
    } catch (const SystemError& error) {
        return std::string("connections cannot be seen, for this kernel gives no sock_diag (inet_diag, "
                           "CONFIG_INET_DIAG): ") + error.what();
    }
    return {};
}

std::string why_no_sight(const ProcessId& process) {
    // The directory of its descriptors opens all the same; where its links lead is not told.
    const auto path = "/proc/" + std::to_string(process.pid) + "/exe";
    char target[1];
    if (readlink(path.c_str(), target, sizeof target) >= 0 || (errno != EACCES && errno != EPERM)) {
        return {};
    }
    return "what the service has open cannot be seen, for CAP_SYS_PTRACE is missing: " + path + ": " + std::strerror(errno);
}

std::string own_namespaces() {
    std::string text;
    for (const auto& [kind, name] : namespace_kinds) {
        text += (text.empty() ? "" : " ") + link_target(std::string("/proc/self/ns/") + kind).value_or(kind);
    }
    return text;
}

std::string why_elsewhere(const Layout& layout, const std::string& pair, const std::string& twin) {
    const auto namespaces = read_own_file_if_any(layout.namespaces(pair));
    const auto mine = own_namespaces();
    if (!namespaces || *namespaces == mine) {
        return {};
    }
    const auto theirs = blank_separated(*namespaces);
    std::string different;
    std::size_t index = 0;
    for (const auto word : blank_separated(mine)) {
        const char* name = namespace_kinds[index++].second;
        if (std::find(theirs.begin(), theirs.end(), word) == theirs.end()) {
            different += (different.empty() ? "" : " and ") + std::string(name);
        }
    }
    return twin + " was started in another " + different + " namespace than this";
}

std::string why_no_taking() {
    if (read_file_if_any("/proc/sys/kernel/yama/ptrace_scope").value_or("") == "3\n") {
        return "kernel.yama.ptrace_scope is 3: no process may take another's socket";
    }
    const Fd self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    const Fd taken(self ? static_cast<int>(syscall(__NR_pidfd_getfd, self.get(), self.get(), 0)) : -1);
    return taken ? ""
                 : std::string("a process may not take another's socket, for pidfd_getfd(2) fails (a seccomp filter, or "
                               "Linux before 5.6): ") + std::strerror(errno);
}

}  // namespace twinctl
