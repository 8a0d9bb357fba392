// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/process.hpp"
#include "twinctl/descriptors.hpp"

namespace twinctl {

/// What a twin serves, so that its clients' connections can be told from those it makes itself.
struct ServedAt {
    std::vector<std::uint16_t> ports;     ///< local TCP ports: parity and public
    std::vector<std::string> unix_paths;  ///< of Unix stream sockets, as they were bound
};

/// The connections that clients have open with a process and its descendants, whoever else has
/// some on the same port. A connection counts as long as a descriptor of theirs holds it and it
/// has not been reset, whichever side has shut down its half. One that still waits for its
/// accept(2) is not theirs yet.
///
/// Both questions throw SystemError where the processes may not be looked at. What one process
/// hands to another during the call may be missed.
class DrainWatch {
public:
    DrainWatch(ProcessId process, ServedAt served);

    /// Whether any is left: some microseconds as long as the one that it remembers is open; else
    /// it goes on from there to the next. Before it says no it has looked at every descriptor.
    bool any_left();

    /// All of them, each once however many processes hold it. A walk through the descriptors, and
    /// one through the sockets of the machine: 5 to 10 us for each connection.
    unsigned count() { return static_cast<unsigned>(inodes().size()); }
    std::unordered_set<std::uint64_t> inodes();

private:
    struct Witness {
        ProcessId process;
        Descriptors descriptors;
        int fd = -1;
        std::uint64_t inode = 0;
    };

    bool search(ProcessId process, int first);
    bool is_client(const Descriptors& descriptors, int fd, std::uint64_t inode);
    bool is_served(int socket) const;
    std::unordered_set<std::uint64_t> served_inodes() const;
    void forget_the_dead();
    bool meet_descendants();

    ProcessId process_;
    ServedAt served_;
    std::vector<ProcessId> known_;  ///< it, and descendants; an orphan stays in until it ends
    std::optional<Witness> witness_;
    /// Only where sockets cannot be taken out of the processes to be asked.
    std::optional<std::unordered_set<std::uint64_t>> inodes_;
};

}  // namespace twinctl
