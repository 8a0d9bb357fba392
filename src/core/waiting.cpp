// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// Whether a process waits at a listening socket, seen from outside.
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/files.hpp"
#include "core/listeners.hpp"

namespace twinctl {

namespace {

struct Descriptors {
    std::vector<int> of_socket;  ///< those of the socket that is asked for
    std::vector<int> epoll;
    std::vector<int> io_uring;
};

Descriptors sort_descriptors(pid_t pid, std::uint64_t inode) {
    Descriptors found;
    const auto wanted = "socket:[" + std::to_string(inode) + "]";
    each_descriptor(pid, [&](int fd, std::string_view target) {
        if (target == wanted) {
            found.of_socket.push_back(fd);
        } else if (target == "anon_inode:[eventpoll]") {
            found.epoll.push_back(fd);
        } else if (target == "anon_inode:[io_uring]") {
            found.io_uring.push_back(fd);
        }
        return true;
    });
    return found;
}

std::string fdinfo(pid_t pid, int fd) {
    return read_file_if_any("/proc/" + std::to_string(pid) + "/fdinfo/" + std::to_string(fd))
        .value_or("");
}

/// fdinfo of an epoll descriptor has a line for each file it watches, with "ino:" in hex
/// (proc(5); Documentation/filesystems/proc.rst of the kernel).
bool epoll_watches(pid_t pid, int epoll, std::uint64_t inode) {
    const auto text = fdinfo(pid, epoll);
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, " ino:%llx ", static_cast<unsigned long long>(inode));
    return text.find(wanted) != std::string::npos;
}

/// The kernel lists what a ring waits for under "PollList:", by operation and not by socket
/// (io_uring/fdinfo.c). A ring alone says nothing: libuv makes one before it runs the service.
bool io_uring_waits(pid_t pid, int ring) {
    const auto text = fdinfo(pid, ring);
    return text.find(" op=" + std::to_string(IORING_OP_ACCEPT) + ",") != std::string::npos ||
           text.find(" op=" + std::to_string(IORING_OP_POLL_ADD) + ",") != std::string::npos;
}

bool is_poll(long number) {
    switch (number) {
#ifdef SYS_poll
        case SYS_poll:
#endif
#ifdef SYS_select
        case SYS_select:
#endif
        case SYS_ppoll:
        case SYS_pselect6: return true;
        default: return false;
    }
}

/// /proc/PID/task/TID/syscall: the number of the call the thread is blocked in, then its
/// arguments in hex (proc(5)). What a poll waits for is in its memory: that it waits has to do.
bool thread_waits(const std::string& path, const std::vector<int>& fds) {
    const auto text = read_file_if_any(path).value_or("");
    long number = -1;
    unsigned long first = 0;
    if (std::sscanf(text.c_str(), "%ld 0x%lx", &number, &first) != 2) {
        return false;
    }
    if (number == SYS_accept4 || number == SYS_accept) {
        return std::find(fds.begin(), fds.end(), static_cast<int>(first)) != fds.end();
    }
    return is_poll(number);
}

bool waits(pid_t pid, std::uint64_t inode) {
    const auto found = sort_descriptors(pid, inode);
    if (found.of_socket.empty()) {
        return false;
    }
    const auto watches = [&](int epoll) { return epoll_watches(pid, epoll, inode); };
    const auto asks = [&](int ring) { return io_uring_waits(pid, ring); };
    if (std::any_of(found.epoll.begin(), found.epoll.end(), watches) ||
        std::any_of(found.io_uring.begin(), found.io_uring.end(), asks)) {
        return true;
    }
    const auto tasks = "/proc/" + std::to_string(pid) + "/task";
    bool waiting = false;
    each_number_in(tasks, [&](long thread) {
        waiting = thread_waits(tasks + "/" + std::to_string(thread) + "/syscall", found.of_socket);
        return !waiting;
    });
    return waiting;
}

}  // namespace

bool is_waiting_at(const ProcessId& process, std::uint64_t inode) {
    if (waits(process.pid, inode)) {
        return true;
    }
    const auto tree = process_tree(process.pid);
    return std::any_of(tree.begin() + 1, tree.end(), [&](pid_t pid) { return waits(pid, inode); });
}

}  // namespace twinctl
