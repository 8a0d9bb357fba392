// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twinctl {

// What the files of proc(5) say, without reading them: each takes a file's content. They take
// whatever it holds, and say nothing where it is not as the kernel writes it.

struct ProcStat {
    char state = 0;
    pid_t parent = 0;
    std::uint64_t start = 0;  ///< clock ticks since the boot
};

/// /proc/PID/stat.
std::optional<ProcStat> parse_stat(const std::string& text);

/// The value of "KEY:" in /proc/PID/status, or "".
std::string status_value(const std::string& text, const std::string& key);

/// The inode of "socket:[4711]", which is what a link in /proc/PID/fd leads to.
std::optional<std::uint64_t> socket_inode_of(std::string_view target);

/// Whether fdinfo of an epoll descriptor has the file with INODE among those it watches for EPOLLIN.
bool epoll_text_watches(const std::string& text, std::uint64_t inode);

/// Whether fdinfo of a ring says that it waits for connections, or polls.
bool io_uring_text_waits(const std::string& text);

struct TableEntry {
    std::uint64_t inode = 0;
    std::uint32_t queued = 0;  ///< connections that wait for accept(2)
};

/// The socket in LISTEN on PORT of ADDRESS (as the kernel has it, 4 or 16 bytes of a FAMILY), or
/// of any, in /proc/net/tcp or tcp6.
std::optional<TableEntry> find_in_table(const std::string& text, int family,
                                        const unsigned char* address, std::uint16_t port);

}  // namespace twinctl
