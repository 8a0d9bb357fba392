// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/endpoint.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/process.hpp"

namespace twinctl {

/// What a twin was started with, written by twin-exec as the process that became the service.
/// A swap believes this, not the configuration of today.
struct Record {
    static constexpr int format = 1;

    ProcessId process;
    /// Waits in the place of a twin that was hung up and has ended; serves nobody.
    bool placeholder = false;
    /// Was started by `twinctl rehearse`: no client reaches it, and it is nobody's stand-in.
    bool rehearsal = false;
    std::string ports;     ///< the text of twin_ports
    std::string publics;   ///< the text of twin_public
    Endpoint endpoint = Endpoint::Direct;
    /// The names of the sockets that were handed to it, as in LISTEN_FDNAMES; empty: none.
    std::string handed;
    /// Changes when the binary, the configuration or the initscript changes.
    std::string fingerprint;
    std::string release;       ///< the ID of the one it was started from; empty: none
    std::int64_t started = 0;  ///< seconds since the epoch
    std::string surroundings;  ///< limits and the like, as twin-exec/surroundings.hpp has them
    pid_t supervisor = 0;      ///< the supervise-daemon that has started it; 0: none
    std::vector<std::string> command;
};

std::string to_text(const Record& record);

/// Throws SystemError where TEXT is no record, or one of a newer format.
Record parse_record(const std::string& text);

/// The record of TWIN, or nothing if there is none.
std::optional<Record> read_record(const Layout& layout, const TwinName& twin);

/// The record of TWIN if its process lives and serves: one that waits in the place of a twin that
/// has ended, or is only being rehearsed, is nobody's sibling, and nothing to lose.
std::optional<Record> read_serving_record(const Layout& layout, const TwinName& twin);

/// Whether a process that starts as TWIN now is a rehearsal. A supervisor may bring it back after `twinctl rehearse` was
/// killed: it stays a rehearsal, for nobody has swapped.
bool is_rehearsal(const Layout& layout, const TwinName& twin);

/// Before a start: removes the mark that a killed `twinctl rehearse` has left, so that the start is none.
void forget_left_rehearsal(const Layout& layout, const TwinName& twin);

void write_record(const Layout& layout, const TwinName& twin, const Record& record);

/// A sum of the content of the pair's configuration and initscript. It is taken when the twin is
/// started: a supervisor that brings it back later does so with what was read then.
std::string config_sum(const Layout& layout, const TwinName& twin);

/// A fingerprint of PROGRAM (by its identity: device, inode, size, times) and of SUM.
std::string fingerprint(const std::string& program, const std::string& sum);

}  // namespace twinctl
