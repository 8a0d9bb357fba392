// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.hpp"

namespace twinctl {

/// A process that cannot be taken for another: its pid, and when it began, in clock ticks since
/// the boot (field 22 of /proc/PID/stat, proc(5)). A recycled pid has another start.
struct ProcessId {
    pid_t pid = 0;
    std::uint64_t start = 0;

    bool operator==(const ProcessId&) const = default;
};

/// The pid that TEXT begins with, or nothing where that is none.
std::optional<pid_t> parse_pid(std::string_view text);

/// The process that has PID now, or nothing.
std::optional<ProcessId> process_at(pid_t pid);

/// Seconds since the process began.
std::int64_t age_s(const ProcessId& process);

/// Whether exactly this process still lives. A zombie does not.
bool is_alive(const ProcessId& process);

/// What a signal would do to a process (SigCgt, SigIgn and SigBlk of /proc/PID/status and of its threads).
enum class SignalFate {
    Caught,   ///< it has a handler
    Blocked,  ///< in every thread: it takes the signal by signalfd(2) or sigwait(3), or not at all
    Ignored,
    Ends,     ///< the default action is taken
};

SignalFate fate_of(pid_t pid, int signal);

/// Bytes that are the process's alone, so that a second one like it needs them again
/// (RssAnon of /proc/PID/status).
std::uint64_t anonymous_memory(pid_t pid);

/// PID and its descendants, parents first. Races with forks: what was forked during the call
/// may be missing.
std::vector<pid_t> process_tree(pid_t pid);

/// Calls VISIT with each all-digit name in DIRECTORY, until it returns false.
void each_number_in(const std::string& directory, const std::function<bool(long)>& visit);

/// Calls VISIT with each descriptor of PID and what it leads to ("socket:[4711]", readlink of
/// /proc/PID/fd/N), until it returns false.
void each_descriptor(pid_t pid, const std::function<bool(int fd, std::string_view target)>& visit);

/// A descriptor of another process.
struct ForeignFd {
    pid_t pid = 0;
    int fd = -1;
};

/// Which of PIDS has the socket with this inode among its descriptors; nothing if none has.
std::optional<ForeignFd> find_socket(const std::vector<pid_t>& pids, std::uint64_t inode);

/// The process that has the socket with this inode open; of several, one that started others.
std::optional<ProcessId> holder_of(std::uint64_t inode);

/// The same as process_text, or "another process" where it cannot be seen.
std::string holder_text(std::uint64_t inode);

/// A process with the name that it gives itself (/proc/PID/comm): "pid 612 (nginx)".
std::string process_text(pid_t pid);

/// A duplicate of the socket with this inode, out of exactly this process or a descendant of it
/// (pidfd_getfd(2), Linux 5.6). Empty if none of them holds it. Throws SystemError where the
/// kernel does not give it away.
Fd take_socket(const ProcessId& process, std::uint64_t inode);

/// Sends SIGNAL to exactly this process, through a pidfd (pidfd_send_signal(2)).
/// False if it is gone.
bool send_signal(const ProcessId& process, int signal);

/// The number of a signal by its name without SIG ("HUP", "USR1", ...), or nothing.
std::optional<int> signal_number(const std::string& name);

}  // namespace twinctl
