// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
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
    bool listening = false;   ///< it has a listener open where it is to serve
    bool failed = false;      ///< OpenRC has written a pidfile for it, and that process is dead
    bool given_up = false;    ///< stopped by its supervisor, which has started it too many times

    /// Started, alive, not hung up and no rehearsal: a twin that can hold the invariant.
    bool is_up() const {
        return state == ServiceState::Started && alive && !draining && !(record && record->rehearsal);
    }
};

/// rc-service, the only way by which a service is changed.
class RcService {
public:
    virtual ~RcService() = default;

    /// Runs `rc-service NAME WORDS...`; OUTPUT receives what it printed. After TIMEOUT_MS, if it
    /// is not 0, it is sent SIGTERM, and has failed.
    virtual bool run(const std::string& service, const std::vector<std::string>& words,
                     std::string& output, int timeout_ms) = 0;
    /// True while a process of an `rc-service SERVICE ...` lives, no matter who has started it.
    virtual bool is_running(const std::string& service) = 0;
};

/// How long twin_check, and the twin-check of a release, may take.
constexpr int check_timeout_ms = 60000;

/// "8081", "pid 612 (nginx)".
struct TakenPort {
    std::string port;
    std::string by;
};

/// The eyes of a swap.
class Observer {
public:
    virtual ~Observer() = default;

    virtual TwinView look(const TwinName& twin) = 0;
    /// Whether the twin waits for connections wherever it is to serve: core/serving.hpp.
    virtual bool serves(const TwinName& twin, const Record& record) = 0;
    virtual bool serves_if_asked(const TwinName& twin, const Record& record) = 0;
    virtual Holder who_listens(const TwinName& twin, const Record& record) = 0;
    virtual bool is_alive(const ProcessId& process) = 0;
    /// The clients' connections that the recorded process and its descendants have open, and
    /// those that wait in the queues of its own listeners.
    virtual unsigned connections(const Record& record, int parity) = 0;
    virtual bool any_connection(const Record& record, int parity) = 0;
    /// A parity port that somebody listens on, and who: nothing where all are free.
    virtual std::optional<TakenPort> taken_port(const Config& config, int parity) = 0;
    virtual bool accepts_tcp(const Config& config, int parity) = 0;
    /// Empty if GET PATH at each parity port is answered by a 2xx within TIMEOUT_MS, else why not.
    virtual std::string why_no_answer(const Config& config, int parity, int timeout_ms) = 0;
    virtual SignalFate fate_of(const ProcessId& process, int signal) = 0;
    /// From here on counts the connections of the recorded twin that end with a request unanswered: end_watch.hpp.
    virtual void watch_ends(const Record& record, int parity) = 0;
    virtual unsigned ended_unanswered() = 0;
    /// The process and its descendants.
    virtual std::vector<ProcessId> family_of(const ProcessId& process) = 0;
    /// Ends those of PROCESSES that live and have a listener open where RECORD says. Who they were: "pid 612 (worker)".
    virtual std::string end_listening(const std::vector<ProcessId>& processes, const Record& record, int parity) = 0;
    /// Bytes that the twin's processes have for themselves, and that the machine has left.
    virtual std::uint64_t memory_of(const ProcessId& process) = 0;
    virtual std::uint64_t memory_available() = 0;
    /// Empty, or what this process lacks to see TWIN, which is on RECORD, and its connections.
    virtual std::string why_blind(const TwinName& twin, const Record& record) = 0;
    /// Empty, or why nothing can be started by CONFIG: its program, its user, a directory.
    virtual std::string why_unstartable(const Config& config) = 0;
    /// Where else the twin's processes listen, as text.
    virtual std::string listens_elsewhere(const ProcessId& process) = 0;
    /// Runs a command of the configuration by /bin/sh, with TWIN_NAME, TWIN_PARITY and TWIN_PORT of
    /// the twin in its environment. False if it failed or did not end in TIMEOUT_MS.
    virtual bool run_check(const std::string& command, const TwinName& twin,
                           const std::vector<Port>& ports, int timeout_ms,
                           std::string& output) = 0;
    /// How much the twin has written to its log so far, and the last lines since then.
    virtual std::uint64_t log_size(const Config& config) = 0;
    virtual std::string last_lines(const Config& config, std::uint64_t since) = 0;
};

/// What stands before the pair: core/endpoint.hpp. Twins are meant as they are recorded.
class Front {
public:
    virtual ~Front() = default;

    /// Throws InputError unless a twin of CONFIG can serve beside OLD, on the same endpoint, and
    /// SystemError where the endpoint is out of reach, such as in another network namespace.
    virtual void check(const Config& config, const Record& old) = 0;
    /// Endpoint steer: new connections reach TWIN from here on. Throws SystemError.
    virtual void steer_to(const TwinName& twin) = 0;
    /// Endpoint steer: where the sibling of TWIN takes connections, and that would not, though it is ready: "80 by
    /// IPv6". Throws SystemError where it cannot be steered to.
    virtual std::string would_lose(const TwinName& twin) = 0;
    /// Endpoint steer: whether they do.
    virtual bool leads_to(const TwinName& twin) = 0;
    /// Endpoint direct: runs twin_switch, which points a balancer at TWIN. False if it failed.
    virtual bool run_switch(const TwinName& to, const Config& config, std::string& output) = 0;
    /// Right after one of these: takes down what is half-open or queued at TWIN, the old one.
    virtual void begin_quiesce(const TwinName& old) = 0;
    /// How many of those are left; 0 when there were none twice in a row.
    virtual unsigned unquiet() = 0;
    /// Sends the signal itself, where nothing can be written down.
    virtual void send(const ProcessId& process, int signal) = 0;
    /// Endpoint inherit: keeps the files of TWIN's public Unix sockets in their place, whoever removes them. The listeners
    /// are not held: a twin that is brought back binds them anew.
    virtual void keep_socket_files(const TwinName& twin) = 0;
    /// Endpoint inherit: keeps the public listeners of TWIN open here, and their files, whatever the twins do.
    virtual void keep_listeners(const TwinName& twin) = 0;
    /// Listens again on those that somebody shut down since then; says which, if any.
    virtual std::string mend_listeners() = 0;
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
    /// A start of the twin was killed: the next one is not to wait for it.
    virtual void forget_start(const TwinName& twin) = 0;
    /// Whether a shutdown stops the pair.
    virtual bool is_going_down(const std::string& pair) = 0;
    /// The release that the slot of a twin leads to; empty where there is none.
    virtual std::string release_of(const Config& config, int parity) = 0;
    virtual void point_slot(const Config& config, int parity, const std::string& release) = 0;
    /// The release that was active before, to go back to.
    virtual void set_release_before(const std::string& pair, const std::string& release) = 0;
    /// Whether a rehearsal has seen that the program with this fingerprint (core/record.hpp) answers what is under way
    /// when it gets SIGHUP.
    virtual bool finishes_on_hup(const std::string& pair, const std::string& fingerprint) = 0;
    virtual void note_rehearsed(const std::string& pair, const std::string& fingerprint, bool finishes) = 0;
    virtual void add_to_ledger(const std::string& pair, const std::string& json_line) = 0;
};

class Clock {
public:
    virtual ~Clock() = default;

    /// Milliseconds on a clock that only goes forward (CLOCK_MONOTONIC).
    virtual std::int64_t now_ms() = 0;
    /// Seconds since the boot (CLOCK_BOOTTIME): the same for each program, and nobody sets it.
    virtual std::int64_t boot_s() = 0;
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

/// All of these together.
struct World {
    RcService& rc;
    Observer& observer;
    Front& front;
    Notebook& notebook;
    Clock& clock;
    Progress& progress;
};

}  // namespace twinctl
