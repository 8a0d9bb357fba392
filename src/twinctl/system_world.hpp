// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/quiesce.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
#include "twinctl/config.hpp"
#include "twinctl/drain_watch.hpp"
#include "twinctl/end_watch.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/socket_keeper.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

/// The real thing behind each interface of world.hpp.

class ProcessRcService : public RcService {
public:
    /// ECHO, where there is one, is shown each command and what it printed.
    ProcessRcService(std::string svcdir, std::ostream* echo) : svcdir_(std::move(svcdir)), echo_(echo) {}

    bool run(const std::string& service, const std::vector<std::string>& words,
             std::string& output, int timeout_ms) override;
    bool is_running(const std::string& service) override;

private:
    std::string svcdir_;
    std::ostream* echo_;
};

class SystemObserver : public Observer {
public:
    explicit SystemObserver(Layout layout) : layout_(std::move(layout)) {}

    TwinView look(const TwinName& twin) override;
    bool serves(const TwinName& twin, const Record& record) override;
    bool serves_if_asked(const TwinName& twin, const Record& record) override;
    Holder who_listens(const TwinName& twin, const Record& record) override;
    bool is_alive(const ProcessId& process) override;
    unsigned connections(const Record& record, int parity) override;
    bool any_connection(const Record& record, int parity) override;
    std::optional<TakenPort> taken_port(const Config& config, int parity) override;
    bool accepts_tcp(const Config& config, int parity) override;
    std::string why_no_answer(const Config& config, int parity, int timeout_ms) override;
    SignalFate fate_of(const ProcessId& process, int signal) override;
    void watch_ends(const Record& record, int parity) override;
    unsigned ended_unanswered() override;
    std::vector<ProcessId> family_of(const ProcessId& process) override;
    std::string end_listening(const std::vector<ProcessId>& processes, const Record& record, int parity) override;
    std::uint64_t memory_of(const ProcessId& process) override;
    std::uint64_t memory_available() override;
    std::string why_blind(const TwinName& twin, const Record& record) override;
    std::string why_unstartable(const Config& config) override;
    std::string listens_elsewhere(const ProcessId& process) override;
    bool run_check(const std::string& command, const TwinName& twin, const std::vector<Port>& ports,
                   int timeout_ms, std::string& output) override;
    std::uint64_t log_size(const Config& config) override;
    std::string last_lines(const Config& config, std::uint64_t since) override;

private:
    DrainWatch& watch(const Record& record, int parity);

    Layout layout_;
    std::map<pid_t, std::pair<ProcessId, DrainWatch>> watches_;
    std::optional<EndWatch> ends_;
};

class SystemFront : public Front {
public:
    explicit SystemFront(Layout layout) : layout_(std::move(layout)) {}

    void check(const Config& config, const Record& old) override;
    void steer_to(const TwinName& twin) override;
    std::string would_lose(const TwinName& twin) override;
    bool leads_to(const TwinName& twin) override;
    bool run_switch(const TwinName& to, const Config& config, std::string& output) override;
    void begin_quiesce(const TwinName& old) override;
    unsigned unquiet() override;
    void send(const ProcessId& process, int signal) override { send_signal(process, signal); }
    void keep_socket_files(const TwinName& twin) override;
    void keep_listeners(const TwinName& twin) override;
    std::string mend_listeners() override;

private:
    struct Kept {
        std::string text;
        Fd fd;
        std::unique_ptr<SocketKeeper> keeper;  ///< of a Unix socket's file
    };

    Layout layout_;
    std::optional<Quiesce> quiesce_;
    std::vector<Kept> kept_;
    std::vector<std::unique_ptr<SocketKeeper>> files_;
};

class FileNotebook : public Notebook {
public:
    explicit FileNotebook(Layout layout) : layout_(std::move(layout)) {}

    std::optional<Journal> read_journal(const std::string& pair) override;
    void write_journal(const Journal& journal) override;
    void clear_journal(const std::string& pair) override;
    std::optional<int> active(const std::string& pair) override;
    void set_active(const std::string& pair, int parity) override;
    void announce_retirement(const TwinName& twin) override;
    void retire(const TwinName& twin) override;
    void forget_retirement(const TwinName& twin) override;
    void forget_start(const TwinName& twin) override;
    bool is_going_down(const std::string& pair) override;
    std::string release_of(const Config& config, int parity) override;
    void point_slot(const Config& config, int parity, const std::string& release) override;
    void set_release_before(const std::string& pair, const std::string& release) override;
    bool finishes_on_hup(const std::string& pair, const std::string& fingerprint) override;
    void note_rehearsed(const std::string& pair, const std::string& fingerprint, bool finishes) override;
    void add_to_ledger(const std::string& pair, const std::string& json_line) override;

private:
    Layout layout_;
};

class SystemClock : public Clock {
public:
    /// Takes SIGINT, SIGTERM and SIGHUP over for the rest of the program.
    static void watch_signals();

    std::int64_t now_ms() override;
    std::int64_t boot_s() override;
    std::int64_t wall_s() override;
    void pause(int ms, const std::optional<ProcessId>& process) override;
    int interrupted() override;
};

}  // namespace twinctl
