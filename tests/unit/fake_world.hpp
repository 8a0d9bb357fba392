// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/endpoint.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

/// A pair "web" on ports 8080 and 8081 that exists in memory only. Whatever is done to it is
/// noted in LOG, in order: the log is what tests look at.
class FakeWorld : public RcService,
                  public Observer,
                  public Front,
                  public Notebook,
                  public Clock,
                  public Progress {
public:
    FakeWorld();

    struct Twin {
        TwinView view;
        unsigned connections = 0;
        SignalFate hup = SignalFate::Caught;
        Holder holder = Holder::Itself;
        bool waits = true;             ///< for connections, where it listens
        bool takes_what_comes = true;  ///< whether it is seen to wait or not
        /// Called when rc-service starts or hangs up the twin; the default does what is right.
        std::function<bool(Twin&)> on_start;
        std::function<bool(Twin&)> on_hup;
        std::function<bool(Twin&)> on_stop;
    };

    /// Puts a living process into the twin's place.
    void run_twin(int parity);
    /// What happens by itself as time passes; called at each pause.
    std::function<void(std::int64_t now_ms)> meanwhile;

    Twin twins[2];
    /// An rc-service that outlived a twinctl: the service it is for.
    std::string orphan;
    std::vector<std::string> log;
    std::optional<Journal> journal;
    std::optional<int> active_parity;
    std::string slots[2];  ///< releases; what configs() says of them is RELEASES
    std::string releases;
    std::string check_output;
    bool check_passes = true;
    std::optional<TakenPort> taken;
    std::string lost;  ///< what would_lose() says
    std::string program_missing;
    std::string elsewhere;
    std::string lines;
    std::string blind;
    unsigned unanswered = 0;  ///< what ended_unanswered() says
    bool hup_was_rehearsed = true;
    std::string left_behind;  ///< what end_listening() says
    std::string endpoint_trouble;
    std::string no_answer;
    Endpoint endpoint = Endpoint::Direct;  ///< of the twins that run_twin makes
    std::uint64_t memory_needed = 1;
    std::uint64_t memory_left = 2;
    int signal = 0;
    std::int64_t time_ms = 0;
    std::int64_t wall_at_boot_s = 1000000;
    bool ledger_fails = false;
    bool switch_fails = false;
    /// What unquiet() answers, one after the other; then 0.
    std::vector<unsigned> handshakes;
    /// What mend_listeners() says, once.
    std::string shut_down;

    World world() { return {*this, *this, *this, *this, *this, *this}; }

    std::vector<Config> configs() const;

    // RcService
    bool run(const std::string& service, const std::vector<std::string>& words,
             std::string& output, int timeout_ms) override;
    bool is_running(const std::string& service) override;
    // Observer
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
    void watch_ends(const Record&, int) override {}
    unsigned ended_unanswered() override { return unanswered; }
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
    // Front
    void check(const Config& config, const Record& old) override;
    void steer_to(const TwinName& twin) override;
    std::string would_lose(const TwinName& twin) override;
    bool leads_to(const TwinName& twin) override;
    bool run_switch(const TwinName& to, const Config& config, std::string& output) override;
    void begin_quiesce(const TwinName& old) override;
    unsigned unquiet() override;
    void send(const ProcessId& process, int number) override;
    void keep_socket_files(const TwinName& twin) override;
    void keep_listeners(const TwinName& twin) override;
    std::string mend_listeners() override;
    // Notebook
    std::optional<Journal> read_journal(const std::string& pair) override;
    void write_journal(const Journal& entry) override;
    void clear_journal(const std::string& pair) override;
    std::optional<int> active(const std::string& pair) override;
    void set_active(const std::string& pair, int parity) override;
    void announce_retirement(const TwinName& twin) override;
    void retire(const TwinName& twin) override;
    void forget_retirement(const TwinName& twin) override;
    void forget_start(const TwinName&) override {}
    bool is_going_down(const std::string&) override { return false; }
    std::string release_of(const Config& config, int parity) override;
    void point_slot(const Config& config, int parity, const std::string& release) override;
    void set_release_before(const std::string& pair, const std::string& release) override;
    bool finishes_on_hup(const std::string&, const std::string&) override { return hup_was_rehearsed; }
    void note_rehearsed(const std::string&, const std::string&, bool finishes) override { hup_was_rehearsed = finishes; }
    void add_to_ledger(const std::string& pair, const std::string& json_line) override;
    // Clock
    std::int64_t now_ms() override;
    std::int64_t boot_s() override;
    std::int64_t wall_s() override;
    void pause(int ms, const std::optional<ProcessId>& process) override;
    int interrupted() override;
    // Progress
    void begin(const std::string& pair, int from, int to) override;
    void done(const std::string& step, const std::string& detail, std::int64_t ms) override;
    void waiting(const std::string& step, const std::string& text) override;
    void note(const std::string& text) override;

private:
    pid_t next_pid_ = 100;
};

}  // namespace twinctl
