// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/process.hpp"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <system_error>

#include "core/blocked_call.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/proc_text.hpp"

namespace twinctl {

namespace {

std::string proc(pid_t pid, const char* file) {
    return "/proc/" + std::to_string(pid) + "/" + file;
}

std::optional<ProcStat> read_stat(pid_t pid) {
    const auto text = read_file_if_any(proc(pid, "stat"));
    return text ? parse_stat(*text) : std::nullopt;
}

std::string status_of(pid_t pid) {
    return read_file_if_any(proc(pid, "status")).value_or("");
}

}  // namespace

void each_number_in(const std::string& directory, const std::function<bool(long)>& visit) {
    DIR* dir = opendir(directory.c_str());
    if (dir == nullptr) {
        return;
    }
    while (const dirent* entry = readdir(dir)) {
        char* end = nullptr;
        const long number = std::strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == '\0' && !visit(number)) {
            break;
        }
    }
    closedir(dir);
}

std::optional<pid_t> parse_pid(std::string_view text) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    return error == std::errc{} && pid > 0 ? std::optional(pid) : std::nullopt;
}

std::optional<ProcessId> process_at(pid_t pid) {
    const auto stat = read_stat(pid);
    if (pid <= 0 || !stat || stat->state == 'Z' || stat->state == 'X') {
        return {};
    }
    return ProcessId{pid, stat->start};
}

std::int64_t age_s(const ProcessId& process) {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::int64_t>(now.tv_sec) - static_cast<std::int64_t>(process.start) / sysconf(_SC_CLK_TCK);
}

bool is_alive(const ProcessId& process) {
    // The kernel says of most that have ended what /proc would say, and sooner.
    const bool ended = process.pid <= 0 || (kill(process.pid, 0) != 0 && errno == ESRCH);
    return !ended && process_at(process.pid) == process;
}

SignalFate fate_of(pid_t pid, int signal) {
    const auto is_set = [&](const std::string& status, const char* mask) {
        return (std::strtoull(status_value(status, mask).c_str(), nullptr, 16) >> (signal - 1) & 1) != 0;
    };
    const auto status = status_of(pid);
    if (is_set(status, "SigCgt")) {
        return SignalFate::Caught;
    }
    if (is_set(status, "SigIgn")) {
        return SignalFate::Ignored;
    }
    bool open_somewhere = false;
    bool any_thread = false;
    each_number_in(proc(pid, "task"), [&](long thread) {
        const auto directory = proc(pid, "task") + "/" + std::to_string(thread);
        const auto text = read_file_if_any(directory + "/status");
        any_thread = any_thread || text;
        if (text && !is_set(*text, "SigBlk")) {
            const auto call = BlockedCall::parse(read_file_if_any(directory + "/syscall").value_or(""));
            open_somewhere = !call || !call->waits_for_signal();
        }
        return !open_somewhere;
    });
    return any_thread && !open_somewhere ? SignalFate::Blocked : SignalFate::Ends;
}

std::uint64_t anonymous_memory(pid_t pid) {
    return std::strtoull(status_value(status_of(pid), "RssAnon").c_str(), nullptr, 10) * 1024;
}

std::vector<pid_t> process_tree(pid_t pid) {
    // /proc/PID/task/TID/children needs CONFIG_PROC_CHILDREN, which Alpine's virt kernel and
    // small Gentoo ones lack; the parents are always there.
    std::multimap<pid_t, pid_t> children;
    each_number_in("/proc", [&](long number) {
        const auto candidate = static_cast<pid_t>(number);
        if (const auto stat = read_stat(candidate)) {
            children.emplace(stat->parent, candidate);
        }
        return true;
    });
    std::vector<pid_t> tree{pid};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const auto [first, last] = children.equal_range(tree[i]);
        for (auto child = first; child != last; ++child) {
            tree.push_back(child->second);
        }
    }
    return tree;
}

void each_descriptor(pid_t pid, const std::function<bool(int fd, std::string_view target)>& visit) {
    const auto directory = proc(pid, "fd");
    each_number_in(directory, [&](long fd) {
        char target[64];
        const auto path = directory + "/" + std::to_string(fd);
        const auto length = readlink(path.c_str(), target, sizeof target);
        return length <= 0 ||
               visit(static_cast<int>(fd), std::string_view(target, static_cast<std::size_t>(length)));
    });
}

std::optional<ForeignFd> find_socket(const std::vector<pid_t>& pids, std::uint64_t inode) {
    const auto wanted = "socket:[" + std::to_string(inode) + "]";
    std::optional<ForeignFd> place;
    for (const auto pid : pids) {
        each_descriptor(pid, [&](int fd, std::string_view target) {
            if (target == wanted) {
                place = {pid, fd};
            }
            return !place;
        });
        if (place) {
            break;
        }
    }
    return place;
}

std::optional<ProcessId> holder_of(std::uint64_t inode) {
    std::vector<pid_t> holders;
    each_number_in("/proc", [&](long number) {
        const auto pid = static_cast<pid_t>(number);
        if (find_socket({pid}, inode)) {
            holders.push_back(pid);
        }
        return true;
    });
    for (const auto pid : holders) {
        const auto stat = read_stat(pid);
        if (stat && std::find(holders.begin(), holders.end(), stat->parent) == holders.end()) {
            return process_at(pid);
        }
    }
    return {};
}

std::string holder_text(std::uint64_t inode) {
    const auto holder = holder_of(inode);
    if (!holder) {
        return "another process";
    }
    return process_text(holder->pid);
}

std::string process_text(pid_t pid) {
    const auto name = read_file_if_any(proc(pid, "comm")).value_or("");
    return "pid " + std::to_string(pid) + " (" + printable(name.substr(0, name.find('\n'))) + ")";
}

Fd take_socket(const ProcessId& process, std::uint64_t inode) {
    // Nearly always the process itself has it; only then is there no need for the tree.
    auto holder = find_socket({process.pid}, inode);
    if (!holder) {
        holder = find_socket(process_tree(process.pid), inode);
    }
    if (!holder || !is_alive(process)) {
        return {};
    }
    const Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, holder->pid, 0)));
    // glibc before 2.32 has the kernel's name of the call only.
    Fd taken(pidfd ? static_cast<int>(syscall(__NR_pidfd_getfd, pidfd.get(), holder->fd, 0)) : -1);
    if (!taken) {
        // Gone in between: the process, or its descriptor.
        if (errno == ESRCH || errno == EBADF) {
            return {};
        }
        throw SystemError::from_errno("cannot take a socket from process " +
                                      std::to_string(holder->pid));
    }
    // The number may have changed hands since it was read; an inode cannot, while it is held.
    struct stat info {};
    if (fstat(taken.get(), &info) != 0 || !S_ISSOCK(info.st_mode) || info.st_ino != inode) {
        return {};
    }
    return taken;
}

bool send_signal(const ProcessId& process, int signal) {
    const auto fd = static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0));
    if (fd < 0) {
        if (errno == ESRCH) {
            return false;
        }
        throw SystemError::from_errno("pidfd_open " + std::to_string(process.pid));
    }
    // Looked at after the pidfd is held: from here on the pid cannot change hands unseen.
    const bool same = is_alive(process);
    const auto sent = same ? syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) : -1;
    const int error = errno;
    close(fd);
    if (same && sent != 0 && error != ESRCH) {
        throw SystemError::from_errno("signal " + std::to_string(process.pid), error);
    }
    return same && sent == 0;
}

std::optional<int> signal_number(const std::string& name) {
    static const std::map<std::string, int> numbers = {
        {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},   {"TERM", SIGTERM},
        {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"WINCH", SIGWINCH},
    };
    const auto found = numbers.find(name);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace twinctl
