// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "core/files.hpp"
#include "core/process.hpp"

namespace twinctl {

/// The descriptors that one process has open, and never those of another that gets its pid.
class Descriptors {
public:
    /// Nothing if the process is gone. This and all below throw SystemError where it lives and
    /// this process may not look: what cannot be seen must not be taken for closed.
    static std::optional<Descriptors> of(const ProcessId& process);

    /// The inode of the socket that FD is, or nothing.
    std::optional<std::uint64_t> socket_inode(int fd) const;

    /// A duplicate (pidfd_getfd(2), Linux 5.6), to be closed at once: while it is open, a close(2)
    /// in the process neither ends the connection nor takes it out of an epoll set. Empty, with
    /// errno, if FD is closed (EBADF), the process gone (ESRCH), or may_not_take(errno).
    Fd take(int fd) const;

    /// Whether take() is refused in general: by the kernel's age, by yama(7) or by a filter.
    static bool may_not_take(int error);

    /// Calls VISIT with each socket, FIRST and above, in increasing order, until it returns false.
    void each_socket(int first,
                     const std::function<bool(int fd, std::uint64_t inode)>& visit) const;

private:
    Descriptors(Fd directory, Fd pidfd);

    Fd directory_;  ///< /proc/PID/fd: bound to the process, as a pidfd is
    Fd pidfd_;      ///< none before Linux 5.3
};

}  // namespace twinctl
