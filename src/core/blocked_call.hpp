// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace twinctl {

/// SIZE bytes at ADDRESS in the memory of the process whose call it is, or nothing where they cannot be read.
using ReadMemory = std::function<std::optional<std::string>(unsigned long address, std::size_t size)>;

/// The system call in which a thread is blocked.
class BlockedCall {
public:
    /// Of /proc/PID/task/TID/syscall (proc(5)): the number of the call and its arguments in hex. Nothing where the
    /// thread runs, or the text is another.
    static std::optional<BlockedCall> parse(const std::string& text);

    /// Whether the thread waits for a signal, in sigwait(3) or the like. The kernel takes the signals out of its mask
    /// for as long (SigBlk of proc(5)).
    bool waits_for_signal() const;

    /// Whether the thread waits for a connection at one of FDS: in accept(2), or in a poll(2) or select(2) that asks
    /// for it. Where READ cannot see what the thread asks for, the answer is yes.
    bool waits_at(const std::vector<int>& fds, const ReadMemory& read) const;

private:
    bool poll_asks_for(const std::vector<int>& fds, const ReadMemory& read) const;
    bool select_asks_for(const std::vector<int>& fds, const ReadMemory& read) const;

    long number_ = -1;
    unsigned long arguments_[3] = {};
};

}  // namespace twinctl
