// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/proc_text.hpp"

#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>  // IWYU pragma: keep (EPOLLIN, an enumerator that is a macro as well)
#include <sys/socket.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace twinctl {

std::optional<ProcStat> parse_stat(const std::string& text) {
    // The second field is the command in parentheses, and may hold anything, ") " too.
    const auto after = text.rfind(") ");
    if (after == std::string::npos) {
        return {};
    }
    ProcStat stat;
    const char* at = text.c_str() + after + 2;
    for (int field = 3; *at != '\0'; ++field) {
        if (field == 3) {
            stat.state = *at;
        } else if (field == 4) {
            stat.parent = static_cast<pid_t>(std::strtol(at, nullptr, 10));
        } else if (field == 22) {
            stat.start = std::strtoull(at, nullptr, 10);
            return stat;
        }
        while (*at != '\0' && *at != ' ') {
            ++at;
        }
        while (*at == ' ') {
            ++at;
        }
    }
    return {};
}

std::string status_value(const std::string& text, const std::string& key) {
    const auto at = text.find("\n" + key + ":");
    if (at == std::string::npos) {
        return {};
    }
    const auto colon = at + key.size() + 1;
    const auto line = text.substr(colon + 1, text.find('\n', colon) - colon - 1);
    const auto begin = line.find_first_not_of(" \t");
    return begin == std::string::npos ? "" : line.substr(begin);
}

std::optional<std::uint64_t> socket_inode_of(std::string_view target) {
    constexpr std::string_view prefix = "socket:[";
    if (!target.starts_with(prefix)) {
        return {};
    }
    std::uint64_t inode = 0;
    std::from_chars(target.data() + prefix.size(), target.data() + target.size(), inode);
    return inode;
}

/// A line for each file it watches, with "events:" and "ino:" in hex (proc(5); Documentation/filesystems/proc.rst of the
/// kernel). One that was added with EPOLLONESHOT has no event left once it has been reported.
bool epoll_text_watches(const std::string& text, std::uint64_t inode) {
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, " ino:%llx ", static_cast<unsigned long long>(inode));
    constexpr std::string_view key = " events:";
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
        const auto events = text.rfind(key, at);
        const auto line = text.rfind('\n', at);
        if (events != std::string::npos && (line == std::string::npos || events > line) &&
            (std::strtoul(text.c_str() + events + key.size(), nullptr, 16) & EPOLLIN) != 0) {
            return true;
        }
    }
    return false;
}

/// The kernel lists what a ring waits for under "PollList:", by operation and not by socket
/// (io_uring/fdinfo.c). A ring alone says nothing: libuv makes one before it runs the service.
bool io_uring_text_waits(const std::string& text) {
    return text.find(" op=" + std::to_string(IORING_OP_ACCEPT) + ",") != std::string::npos ||
           text.find(" op=" + std::to_string(IORING_OP_POLL_ADD) + ",") != std::string::npos;
}

/// Words of the address in host order, in hex.
std::optional<TableEntry> find_in_table(const std::string& text, int family,
                                        const unsigned char* address, std::uint16_t port) {
    const int words = family == AF_INET ? 1 : 4;
    char wanted[64];
    char any[64];
    int at = 0;
    for (int i = 0; i < words; ++i) {
        std::uint32_t word = 0;
        std::memcpy(&word, address + 4 * i, sizeof word);
        std::snprintf(any + at, sizeof any - static_cast<std::size_t>(at), "%08X", 0u);
        at += std::snprintf(wanted + at, sizeof wanted - static_cast<std::size_t>(at), "%08X", word);
    }
    auto begin = text.find('\n');
    while (begin != std::string::npos && ++begin < text.size()) {
        const auto end = text.find('\n', begin);
        // Of its own: sscanf(3) looks for the end of what it is given, at each of 100,000 lines.
        const auto line = text.substr(begin, end - begin);
        char local[64];
        unsigned local_port = 0;
        unsigned state = 0;
        unsigned queued = 0;
        unsigned long long inode = 0;
        const int fields = std::sscanf(line.c_str(),
                                       " %*u: %32[0-9A-F]:%x %*s %x %*x:%x %*s %*s %*u %*u %llu",
                                       local, &local_port, &state, &queued, &inode);
        if (fields == 5 && state == TCP_LISTEN && local_port == port &&
            (std::strcmp(local, wanted) == 0 || std::strcmp(local, any) == 0)) {
            return TableEntry{inode, queued};
        }
        begin = end;
    }
    return {};
}

}  // namespace twinctl
