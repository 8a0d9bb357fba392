// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// Whether a process waits at a listening socket, seen from outside.
#include <elf.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <netinet/tcp.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/blocked_call.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/listeners.hpp"
#include "core/proc_text.hpp"
#include "core/process.hpp"
#include "core/sock_diag.hpp"

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

/// The ELF class is the fifth byte of a program (elf(5)).
bool has_other_word_size(pid_t pid) {
    const auto word_size_of = [](const std::string& process) {
        const Fd program(open(("/proc/" + process + "/exe").c_str(), O_RDONLY | O_CLOEXEC));
        char bytes[EI_CLASS + 1] = {};
        return program && pread(program.get(), bytes, sizeof bytes, 0) == sizeof bytes ? bytes[EI_CLASS] : 0;
    };
    const auto theirs = word_size_of(std::to_string(pid));
    return theirs != 0 && theirs != word_size_of("self");
}

std::optional<std::string> read_memory(pid_t pid, unsigned long address, std::size_t size) {
    const Fd memory(open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
    std::string bytes(size, '\0');
    if (!memory || pread(memory.get(), bytes.data(), size, static_cast<off_t>(address)) != static_cast<ssize_t>(size)) {
        return {};
    }
    return bytes;
}

bool waits(pid_t pid, std::uint64_t inode) {
    const auto found = sort_descriptors(pid, inode);
    if (found.of_socket.empty()) {
        return false;
    }
    if (has_other_word_size(pid)) {
        // Its calls have other numbers, and its memory another layout: that it has the socket open has to do.
        return true;
    }
    const auto watches = [&](int epoll) { return epoll_text_watches(fdinfo(pid, epoll), inode); };
    const auto asks = [&](int ring) { return io_uring_text_waits(fdinfo(pid, ring)); };
    if (std::any_of(found.epoll.begin(), found.epoll.end(), watches) ||
        std::any_of(found.io_uring.begin(), found.io_uring.end(), asks)) {
        return true;
    }
    const auto tasks = "/proc/" + std::to_string(pid) + "/task";
    const auto read = [&](unsigned long address, std::size_t size) { return read_memory(pid, address, size); };
    bool waiting = false;
    each_number_in(tasks, [&](long thread) {
        const auto path = tasks + "/" + std::to_string(thread) + "/syscall";
        const auto call = BlockedCall::parse(read_file_if_any(path).value_or(""));
        waiting = call && call->waits_at(found.of_socket, read);
        return !waiting;
    });
    return waiting;
}

}  // namespace

bool has_accepted_at(const ProcessId& process, std::uint16_t port) {
    std::set<std::string> connections;
    try {
        visit_tcp_sockets(port, (1u << TCP_ESTABLISHED) | (1u << TCP_CLOSE_WAIT), [&](const inet_diag_msg& message) {
            connections.insert("socket:[" + std::to_string(message.idiag_inode) + "]");
        });
    } catch (const SystemError&) {
        // Without sock_diag there is the waiting to go by.
    }
    bool found = false;
    for (const auto pid : process_tree(process.pid)) {
        each_descriptor(pid, [&](int, std::string_view target) {
            found = found || connections.count(std::string(target)) != 0;
            return !found;
        });
    }
    return found;
}

bool is_waiting_at(const ProcessId& process, std::uint64_t inode) {
    if (waits(process.pid, inode)) {
        return true;
    }
    const auto tree = process_tree(process.pid);
    return std::any_of(tree.begin() + 1, tree.end(), [&](pid_t pid) { return waits(pid, inode); });
}

}  // namespace twinctl
