// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"

namespace twinctl {

/// What can be seen of a twin from outside, at one moment.
struct TwinView {
    ServiceState state = ServiceState::Stopped;
    bool busy = false;        ///< an rc-service is starting or stopping it this moment
    std::optional<Record> record;
    bool alive = false;       ///< the recorded process lives
    bool draining = false;    ///< it was hung up
    bool listening = false;   ///< it listens on each of its parity ports itself
    bool failed = false;      ///< OpenRC has written a pidfile for it, and that process is dead

    /// Started, alive, and not hung up: a twin that can hold the invariant.
    bool is_up() const { return state == ServiceState::Started && alive && !draining; }
};

/// rc-service, the only way by which a service is changed.
class RcService {
public:
    virtual ~RcService() = default;

    /// Runs `rc-service NAME WORDS...`; OUTPUT receives what it printed.
    virtual bool run(const std::string& service, const std::vector<std::string>& words,
                     std::string& output) = 0;
};

/// The eyes of a swap.
class Observer {
public:
    virtual ~Observer() = default;

    virtual TwinView look(const TwinName& twin) = 0;
    /// Connections that are open at the parity ports.
    virtual unsigned connections(const std::vector<Port>& ports, int parity) = 0;
    /// The parity port that somebody listens on already, as text; empty: all are free.
    virtual std::string taken_port(const Config& config, int parity) = 0;
    virtual bool accepts_tcp(const Config& config, int parity) = 0;
    virtual bool catches(const ProcessId& process, int signal) = 0;
    /// Bytes that the twin's processes have for themselves, and that the machine has left.
    virtual std::uint64_t memory_of(const ProcessId& process) = 0;
    virtual std::uint64_t memory_available() = 0;
    /// Empty, or why the program of CONFIG cannot be run.
    virtual std::string why_no_program(const Config& config) = 0;
    /// Where else the twin's processes listen, as text.
    virtual std::string listens_elsewhere(const ProcessId& process) = 0;
    /// Runs a command of the configuration by /bin/sh. False if it failed.
    virtual bool run_check(const std::string& command, std::string& output) = 0;
    /// How much the twin has written to its log so far, and the last lines since then.
    virtual std::uint64_t log_size(const Config& config) = 0;
    virtual std::string last_lines(const Config& config, std::uint64_t since) = 0;
};

/// What outlives the program.
class Notebook {
public:
    virtual ~Notebook() = default;

    virtual std::optional<Journal> read_journal(const std::string& pair) = 0;
    virtual void write_journal(const Journal& journal) = 0;
    virtual void clear_journal(const std::string& pair) = 0;
    virtual std::optional<int> active(const std::string& pair) = 0;
    virtual void set_active(const std::string& pair, int parity) = 0;
    /// From here on nobody can start the twin: said before it is stopped, so that whoever
    /// starts what he finds stopped (an unrelated `rc-service X restart`) does not bring it back.
    virtual void announce_retirement(const TwinName& twin) = 0;
    /// The lasting mark, which a stop would wipe: said after it.
    virtual void retire(const TwinName& twin) = 0;
    virtual void forget_retirement(const TwinName& twin) = 0;
    virtual void add_to_ledger(const std::string& pair, const std::string& json_line) = 0;
};

class Clock {
public:
    virtual ~Clock() = default;

    /// Milliseconds on a clock that only goes forward (CLOCK_MONOTONIC).
    virtual std::int64_t now_ms() = 0;
    /// Seconds since the epoch.
    virtual std::int64_t wall_s() = 0;
    /// Returns after MS, or as soon as PROCESS ends if one is given.
    virtual void pause(int ms, const std::optional<ProcessId>& process) = 0;
    /// The number of SIGINT, SIGTERM or SIGHUP if one has come in, else 0.
    virtual int interrupted() = 0;
};

/// Whoever watches a swap.
class Progress {
public:
    virtual ~Progress() = default;

    virtual void begin(const std::string& pair, int from, int to) = 0;
    /// A step was done in MS; DETAIL says on what.
    virtual void done(const std::string& step, const std::string& detail, std::int64_t ms) = 0;
    /// Something is waited for; called again and again, TEXT says what is left.
    virtual void waiting(const std::string& step, const std::string& text) = 0;
    /// One line that matters whatever happens.
    virtual void note(const std::string& text) = 0;
};

}  // namespace twinctl
