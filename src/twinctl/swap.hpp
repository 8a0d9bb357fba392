// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/names.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

/// The exit codes that are promised everywhere; twinctl(8) EXIT STATUS.
namespace exit_code {
inline constexpr int done = 0;
inline constexpr int failed = 1;
inline constexpr int bad_input = 2;
inline constexpr int not_running = 3;
inline constexpr int kept = 10;
inline constexpr int cut = 11;
inline constexpr int busy = 13;
inline constexpr int crashed = 32;
}  // namespace exit_code

struct SwapOutcome {
    std::string result = "nothing";  ///< swapped, kept, nothing, refused
    int exit = 0;
    int from = 0;
    int to = 0;
    unsigned connections_cut = 0;
    std::string release;  ///< what the new twin runs; empty in a pair without releases
    bool new_twin_failed = false;  ///< kept since it did not start or become ready
    bool quarantined = false;      ///< the release is not to be tried again
    std::map<Step, std::int64_t> phases_ms;
    std::string message;
};

/// There is no twin to go back to.
struct NothingBefore : InputError {
    using InputError::InputError;
};

/// The steps of a swap, in the one order there is. The caller holds the pair's lock.
class Swap {
public:
    Swap(std::string pair, std::vector<Config> configs, World world);

    /// Moves the active role to the sibling. Throws InputError where the configuration is wrong
    /// and SystemError for the environment's failures, in both cases with the old twin serving.
    /// LEAVE_DRAINING: returns when the old twin is hung up, and leaves the rest to a later command.
    /// RELEASE: what the new twin is to run, in a pair that has releases; else what the old one runs.
    SwapOutcome run(bool leave_draining = false, const std::string& release = {});

    /// Goes back to the twin that served before, as long as that can still serve: an interrupted
    /// swap is undone, a twin left draining without a hang-up is taken back. Throws NothingBefore
    /// where there is nothing to go back to.
    SwapOutcome roll_back();

    /// Gives twins whose process lives, and which a zap made OpenRC forget, back to OpenRC.
    void adopt_forgotten();

    /// What run() would do now, a line a step. Changes nothing.
    std::string plan();

    /// Throws what run() would throw now, before anything is touched.
    void preflight();

    /// Finishes or undoes what an interrupted swap left, and says so. True if there was any.
    bool recover();

    /// Stops a twin that was left draining, when it has drained or its deadline has passed.
    /// False if there is none, or it drains on.
    bool reap_left();

    /// Stops a twin whose rehearsal was killed. The caller holds the lock: no rehearsal is under way.
    void end_rehearsals();

private:
    static constexpr int orphan_looks = 500; ///< times 20 ms: 10 s
    static constexpr int patience = 1500;    ///< times 20 ms: 30 s
    static constexpr int settle_ms = 1000;   ///< for a listener to be closed after the hang-up

    TwinName twin(int parity) const { return {pair_, parity}; }
    TwinName old_twin() const { return twin(journal_.from); }
    TwinName new_twin() const { return twin(journal_.to); }
    const Config& config(int parity) const { return configs_[static_cast<std::size_t>(parity)]; }
    const Config& old_config() const { return config(journal_.from); }
    const Config& new_config() const { return config(journal_.to); }

    // swap_preflight.cpp: before the first step
    void choose_direction();
    void take_as_old(const TwinView& view);
    void clear_the_place();
    void preflight_settings();
    void preflight_endpoint();
    void preflight_memory();
    void preflight_place();

    // swap.cpp: the order
    bool bring_up_new();
    bool is_its_own_fault(const std::optional<ProcessId>& before);
    bool start_new();
    bool wait_until_ready();
    /// Where clients of the old twin would find nobody.
    std::string would_lose();
    bool hang_up();
    void finish_from_hup(std::int64_t until_ms);
    /// After a hang-up that failed: whether the old twin takes no new connections all the same.
    bool is_out_of_the_way();
    void leave_old_draining();
    void note_family();
    bool stop_old();
    void note_undoing();
    bool stop_new(std::string& output);
    void record_swapped();
    void write_down();
    bool is_interrupted();
    void keep_old(const std::string& why);
    void withdraw_new();
    bool is_new_up();
    bool bring_back_new();
    /// The same, or at least the old release in its place.
    bool bring_back_any();

    // swap_release.cpp: what the new twin runs
    void take_release(const std::string& release);
    void put_release_back();
    bool fall_back();
    void note_release();

    // swap_switch.cpp: where new connections go
    bool switch_over();
    bool can_move_clients() const;
    bool will_hang_up();
    bool is_hung_up_by(const Config& config, const Record& record);
    void point_at(const TwinName& twin);
    void wait_for_listener();
    void quiesce(const TwinName& old);
    void mend_listeners();
    void wait_while_busy(const TwinName& name);

    // swap_drain.cpp
    void drain(std::int64_t until_ms);
    bool has_drained(unsigned& connections);
    /// Those that the hang-up itself has cut.
    void count_cut();

    // swap_recovery.cpp
    void finish(const TwinView& old_view, const TwinView& new_view);
    /// Of the drain in the journal.
    std::int64_t drain_left_s();
    /// False where the old twin turns out to be hung up: the swap can only be finished.
    void await_orphans();
    bool undo();
    /// Who is up after what failed, and the command that tries again, as a line of its own.
    std::string how_it_stands(const char* command);
    void forget_run();

    /// `rc-service NAME WORD` until it is done, whoever else is at the twin; WORD is start or stop.
    bool insist(const TwinName& name, const char* word, std::string& output);
    /// The same for stop, until its process is gone.
    bool stop(const TwinName& name, std::string& output);
    /// What is to be seen of a twin when nobody is starting over what already runs.
    TwinView look(const TwinName& name);
    int start_timeout_ms(int parity) const;
    void enter(Step step);
    void leave(const std::string& detail);

    std::string pair_;
    std::vector<Config> configs_;
    World world_;

    Journal journal_;
    SwapOutcome outcome_;
    std::optional<Record> old_;  ///< none: the old twin has crashed
    Endpoint endpoint_ = Endpoint::Direct;  ///< what the twins were started with
    bool hung_up_ = false;
    bool is_lost_ = false;  ///< the new twin has ended during the drain, and did not come back
    std::string mended_;                    ///< the listeners that the old twin shut down
    std::string reason_;                    ///< why the last step that returned false did so
    std::string said_at_start_;             ///< by OpenRC, of the new twin
    std::string fell_back_;                 ///< to the old release, and why
    std::optional<ProcessId> before_start_;
    std::vector<ProcessId> family_;         ///< of the old twin
    std::uint64_t log_mark_ = 0;
    std::int64_t step_began_ms_ = 0;
    std::int64_t quiet_since_ms_ = -1;
    int quiet_looks_ = 0;
    unsigned cut_before_ = 0;  ///< of a twin that was left draining by an earlier swap
    unsigned cut_by_hup_ = 0;
    std::optional<std::int64_t> hup_at_ms_;  ///< while the ends of connections are watched
};

}  // namespace twinctl
