// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/descriptors.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/proc_text.hpp"

namespace twinctl {

namespace {

bool means_gone(int error) {
    return error == ENOENT || error == ESRCH;
}

/// Whether the kernel is ending PID and has freed its memory. From then on /proc/PID/fd belongs to root
/// (task_dump_owner in fs/proc/base.c), and the user that PID belongs to cannot open it.
bool is_ending(pid_t pid) {
    const auto status = read_file_if_any("/proc/" + std::to_string(pid) + "/status");
    return !status || status_value(*status, "VmSize").empty();
}

}  // namespace

Descriptors::Descriptors(Fd directory, Fd pidfd)
    : directory_(std::move(directory)), pidfd_(std::move(pidfd)) {}

std::optional<Descriptors> Descriptors::of(const ProcessId& process) {
    const auto path = "/proc/" + std::to_string(process.pid) + "/fd";
    Fd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const int error = errno;
    Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
    // Looked at after both are held: from here on the pid cannot change hands unseen.
    if (!is_alive(process)) {
        return {};
    }
    if (!directory) {
        if (is_ending(process.pid)) {
            return {};
        }
        throw SystemError::from_errno("cannot read " + path, error);
    }
    return Descriptors(std::move(directory), std::move(pidfd));
}

std::optional<std::uint64_t> Descriptors::socket_inode(int fd) const {
    char name[16] = "";
    std::to_chars(name, name + sizeof name - 1, fd);
    char target[64];
    const auto length = readlinkat(directory_.get(), name, target, sizeof target);
    if (length < 0) {
        if (!means_gone(errno)) {
            throw SystemError::from_errno("cannot read descriptors in /proc");
        }
        return {};
    }
    return socket_inode_of({target, static_cast<std::size_t>(length)});
}

Fd Descriptors::take(int fd) const {
    if (!pidfd_) {
        errno = ENOSYS;
        return {};
    }
    // glibc before 2.32 has the kernel's name of the call only.
    Fd taken(static_cast<int>(syscall(__NR_pidfd_getfd, pidfd_.get(), fd, 0)));
    if (!taken && errno != EBADF && errno != ESRCH && !may_not_take(errno)) {
        throw SystemError::from_errno("pidfd_getfd");
    }
    return taken;
}

bool Descriptors::may_not_take(int error) {
    return error == EPERM || error == EACCES || error == ENOSYS;
}

void Descriptors::each_socket(int first,
                              const std::function<bool(int, std::uint64_t)>& visit) const {
    // An offset in this directory is the descriptor's number plus 2, for "." and ".."
    // (proc_readfd_common in fs/proc/fd.c): to begin at the 50,000th costs nothing.
    if (lseek(directory_.get(), static_cast<off_t>(first) + 2, SEEK_SET) < 0) {
        throw SystemError::from_errno("cannot read descriptors in /proc");
    }
    // The kernel makes an inode for each name that it returns. readdir(3) would ask for a thousand
    // of them where the first one or two mostly decide.
    alignas(8) char buffer[32 * 1024];
    std::size_t size = 256;
    for (;;) {
        const auto length = syscall(SYS_getdents64, directory_.get(), buffer, size);
        if (length < 0 && !means_gone(errno)) {
            throw SystemError::from_errno("cannot read descriptors in /proc");
        }
        if (length <= 0) {
            return;
        }
        // struct linux_dirent64, getdents64(2): inode 8, offset 8, length 2, type 1, name.
        std::uint16_t record = 0;
        for (long at = 0; at < length; at += record) {
            std::memcpy(&record, buffer + at + 16, sizeof record);
            const auto fd = static_cast<int>(std::strtol(buffer + at + 19, nullptr, 10));
            const auto inode = socket_inode(fd);
            if (inode && !visit(fd, *inode)) {
                return;
            }
        }
        size = std::min(2 * size, sizeof buffer);
    }
}

}  // namespace twinctl
