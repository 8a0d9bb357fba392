// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/swap.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/readiness.hpp"

namespace twinctl {

namespace {

constexpr int moment = 50;      // times 20 ms: 1 s

/// Whether rc-service failed since another was at the service (openrc-run.c, svc_lock).
bool was_busy(const std::string& output) {
    return output.find("Call to flock failed") != std::string::npos;
}

/// What rc-service said of a thing that was not done.
std::string said(const std::string& output) {
    return output.empty() ? ", though rc-service says so" : ":\n" + output;
}

/// What OpenRC has complained of while it said that the start is done: what start-stop-daemon says after its fork.
std::string complaints_in(const std::string& output) {
    std::string complaints;
    for (std::size_t at = 0; at < output.size();) {
        const auto end = std::min(output.find('\n', at), output.size());
        auto line = output.substr(at, end - at);
        at = end + 1;
        line.erase(0, std::min(line.find_first_not_of(" *"), line.size()));
        const bool is_news = line.empty() || line.starts_with("[") || line.starts_with("Starting ") ||
                             line.starts_with("Caching service dependencies");
        if (!is_news) {
            complaints += (complaints.empty() ? "" : "\n") + line;
        }
    }
    return complaints;
}

}  // namespace

Swap::Swap(std::string pair, std::vector<Config> configs, World world)
    : pair_(std::move(pair)), configs_(std::move(configs)), world_(world) {
    journal_.pair = pair_;
}

SwapOutcome Swap::run(bool leave_draining, const std::string& release) {
    recover();
    adopt_forgotten();
    choose_direction();
    try {
        take_release(release);
        preflight_settings();
        preflight_endpoint();
        preflight_memory();
        clear_the_place();
        preflight_place();
    } catch (...) {
        if (journal_.slot_before) {
            put_release_back();
            world_.notebook.clear_journal(pair_);
        }
        throw;
    }
    world_.progress.begin(pair_, journal_.from, journal_.to);
    if (!bring_up_new() || !switch_over() || !hang_up()) {
        keep_old(reason_);
        return outcome_;
    }
    if (leave_draining && old_) {
        leave_old_draining();
    } else {
        finish_from_hup(world_.clock.now_ms() + old_config().drain_timeout * 1000LL);
    }
    return outcome_;
}

bool Swap::bring_up_new() {
    try {
        return !is_interrupted() && start_new() && wait_until_ready() && !is_interrupted();
    } catch (const SystemError& error) {
        reason_ = error.what();
        return false;
    }
}

/// Whether what failed is the new twin itself: a process of its own was there, and nobody has stopped it.
bool Swap::is_its_own_fault(const std::optional<ProcessId>& before) {
    const auto view = look(new_twin());
    const bool ran = view.record && (!before || !(view.record->process == *before));
    return ran && !world_.clock.interrupted() && !world_.notebook.is_going_down(pair_);
}

bool Swap::start_new() {
    const auto view = look(new_twin());
    before_start_ = view.record ? std::optional(view.record->process) : std::nullopt;
    if (old_ && endpoint_ == Endpoint::Inherit && look(old_twin()).alive) {
        // A new twin that fails is not to take the file of a Unix socket with it.
        world_.front.keep_socket_files(old_twin());
    }
    log_mark_ = world_.observer.log_size(new_config());
    enter(Step::Start);
    std::string output;
    const bool started = insist(new_twin(), "start", output);
    if (!started) {
        outcome_.new_twin_failed = is_its_own_fault(before_start_);
        reason_ = new_twin().str() + " could not be started";
        if (!output.empty()) {
            reason_ += ":\n" + output;
        }
        return false;
    }
    said_at_start_ = complaints_in(output);
    leave(new_twin().str());
    return true;
}

bool Swap::wait_until_ready() {
    enter(Step::Ready);
    reason_ = why_not_ready(new_twin(), new_config(), world_.observer, world_.clock, world_.progress);
    if (!reason_.empty()) {
        outcome_.new_twin_failed = is_its_own_fault(before_start_);
        if (!said_at_start_.empty()) {
            reason_ += "; its start said:\n" + said_at_start_;
        }
        return false;
    }
    if (const auto lost = would_lose(); !lost.empty()) {
        reason_ = old_twin().str() + " takes connections to " + lost + ", and " + new_twin().str() + " does not; `rc-service " +
                  pair_ + " restart` changes it, with a gap";
        outcome_.new_twin_failed = true;
        return false;
    }
    leave(ports_text(new_config(), journal_.to));
    if (const auto view = look(new_twin()); !old_ && view.record) {
        endpoint_ = view.record->endpoint;
    }
    return true;
}

std::string Swap::would_lose() {
    if (!old_ || endpoint_ != Endpoint::Steer || hung_up_) {
        return {};
    }
    auto lost = world_.front.would_lose(new_twin());
    // One that binds one family after the other is ready with the first.
    for (int looks = 0; looks < moment && !lost.empty() && look(new_twin()).alive; ++looks) {
        world_.clock.pause(20, {});
        lost = world_.front.would_lose(new_twin());
    }
    return lost;
}

bool Swap::hang_up() {
    if (is_interrupted()) {
        return false;
    }
    if (!journal_.drain_began) {
        journal_.drain_for = old_config().drain_timeout;
        journal_.drain_began = world_.clock.boot_s();
    }
    note_family();
    if (!will_hang_up()) {
        return true;
    }
    enter(Step::Hup);
    world_.observer.watch_ends(*old_, journal_.from);
    hup_at_ms_ = world_.clock.now_ms();
    std::string output;
    world_.rc.run(old_twin().str(), {"hup"}, output, 0);
    // What is seen counts, not what rc-service says: whoever has no mark still takes what comes.
    if (!is_out_of_the_way()) {
        if (look(new_twin()).alive) {
            reason_ = old_twin().str() + " was not hung up" + said(output);
        } else {
            outcome_.new_twin_failed = is_its_own_fault(before_start_);
            reason_ = why_ended(new_twin(), new_config(), world_.observer, "after");
        }
        return false;
    }
    hung_up_ = true;
    mend_listeners();
    leave(old_twin().str());
    return true;
}

bool Swap::is_out_of_the_way() {
    auto view = look(old_twin());
    // Somebody else may be stopping it, now that the new one is up.
    for (int looks = 0; looks < patience && view.busy && view.alive && !view.draining; ++looks) {
        world_.clock.pause(20, old_->process);
        view = look(old_twin());
    }
    // The mark is set before the signal is sent: what was hung up cannot be taken back, even
    // where rc-service then failed.
    return view.draining || (!view.alive && is_new_up());
}

void Swap::leave_old_draining() {
    journal_.left = true;
    enter(Step::Drain);
    if (hup_at_ms_) {
        world_.clock.pause(moment, old_->process);
        count_cut();
    }
    const auto left = world_.observer.connections(*old_, journal_.from);
    outcome_.result = "swapped";
    outcome_.message = new_twin().str() + " is active; " + old_twin().str() + " drains for at most " +
                       std::to_string(old_config().drain_timeout) + " s, " +
                       counted(left, "connection") + " left";
    outcome_.connections_cut = cut_before_ + cut_by_hup_;
    outcome_.exit = outcome_.connections_cut > 0 ? exit_code::cut : exit_code::done;
    world_.notebook.set_active(pair_, journal_.to);
}

void Swap::finish_from_hup(std::int64_t until_ms) {
    if (old_ && (hung_up_ || can_move_clients())) {
        drain(until_ms);
    }
    if (!is_new_up()) {
        // The new twin has died meanwhile. An old one that was not hung up is as good as ever.
        if (!hung_up_ && old_) {
            outcome_.new_twin_failed = !world_.notebook.is_going_down(pair_);
            keep_old(new_twin().str() + " has ended");
            return;
        }
        if (const auto view = look(new_twin());
            !is_lost_ && view.state != ServiceState::Started && !view.given_up) {
            // The guard lets nobody do that but a shutdown and a stop of the pair: not to be undone.
            throw SystemError(new_twin().str() + " was stopped meanwhile, the swap ends here: `twinctl start " +
                              pair_ + "` starts it");
        }
        if (!bring_back_any()) {
            throw SystemError(new_twin().str() + " has ended after " + old_twin().str() +
                              " was hung up, and does not start again:\n" + reason_ + how_it_stands("start"));
        }
    }
    if (!stop_old()) {
        world_.notebook.forget_retirement(old_twin());
        if (!hung_up_ && look(old_twin()).is_up()) {
            keep_old(reason_);
            return;
        }
        outcome_.result = "swapped";
        outcome_.exit = exit_code::failed;
        outcome_.message = new_twin().str() + " serves, but " + reason_ +
                           "; the next twinctl command tries again";
        world_.notebook.set_active(pair_, journal_.to);
        return;
    }
    record_swapped();
}

bool Swap::is_new_up() {
    const auto view = look(new_twin());
    return view.is_up() && (view.listening || new_config().ready == Ready::None);
}

bool Swap::bring_back_new() {
    world_.progress.note(new_twin().str() + " has ended: it is started again");
    // A supervisor may be faster; if it is not, nothing is left in the way.
    std::string output;
    if (look(new_twin()).state != ServiceState::Stopped && !stop(new_twin(), output) && !look(new_twin()).alive) {
        // Its stop fails where a supervisor lives that brings nothing back, and its start finds it started.
        world_.rc.run(new_twin().str(), {"zap"}, output, 0);
    }
    return start_new() && wait_until_ready();
}

bool Swap::bring_back_any() {
    return bring_back_new() || (fall_back() && bring_back_new());
}

/// One of them may leave the others before it can be seen to.
void Swap::note_family() {
    if (old_) {
        const auto family = world_.observer.family_of(old_->process);
        family_.insert(family_.end(), family.begin(), family.end());
    }
}

bool Swap::stop_old() {
    enter(Step::Stop);
    count_cut();
    hup_at_ms_.reset();
    world_.notebook.announce_retirement(old_twin());
    note_family();
    std::string output;
    if (!stop(old_twin(), output)) {
        reason_ = old_twin().str() + " could not be stopped" + said(output);
        return false;
    }
    world_.notebook.retire(old_twin());
    // A worker that outlives its master would go on answering, with the old version.
    if (const auto left = old_ ? world_.observer.end_listening(family_, *old_, journal_.from) : ""; !left.empty()) {
        world_.progress.note("warning: " + old_twin().str() + " left " + left + " behind, which still took connections: ended");
    }
    mend_listeners();
    if (outcome_.connections_cut > 0 && old_) {
        // Sessions in processes of their own outlive their listener (sshd): those were not cut.
        const auto living = world_.observer.connections(*old_, journal_.from);
        outcome_.connections_cut -= std::min(outcome_.connections_cut, living);
    }
    leave(old_twin().str());
    return true;
}

void Swap::record_swapped() {
    enter(Step::Record);
    outcome_.result = "swapped";
    outcome_.connections_cut += cut_before_;
    outcome_.message = new_twin().str() + " is active";
    if (!fell_back_.empty()) {
        outcome_.result = "kept";
        outcome_.exit = exit_code::kept;
        outcome_.new_twin_failed = true;
        outcome_.message = fell_back_;
    }
    if (outcome_.connections_cut > 0) {
        outcome_.message += "; the drain deadline passed and " +
                            cut_text(outcome_.connections_cut);
    }
    if (cut_by_hup_ > 0) {
        outcome_.message += "; when it was hung up, " + old_twin().str() + " left " + counted(cut_by_hup_, "request") +
                            " unanswered: see twin_hup in twin.conf(5)";
        outcome_.connections_cut += cut_by_hup_;
    }
    if (outcome_.connections_cut > 0) {
        outcome_.exit = fell_back_.empty() ? exit_code::cut : exit_code::kept;
    }
    if (!mended_.empty()) {
        outcome_.message += "; " + old_twin().str() + " shut down the listener on " + mended_ +
                            ", it was mended";
    }
    write_down();
}

void Swap::write_down() {
    // The twins are where they belong: a full disk is no reason to call the swap failed.
    try {
        if (outcome_.result == "swapped" || !fell_back_.empty()) {
            world_.notebook.set_active(pair_, journal_.to);
            note_release();
        }
        world_.notebook.add_to_ledger(pair_, ledger_line(pair_, outcome_, world_.clock.wall_s()));
    } catch (const SystemError& error) {
        world_.progress.note(std::string("warning: ") + error.what());
    }
    world_.notebook.clear_journal(pair_);
}

void Swap::keep_old(const std::string& why) {
    outcome_.phases_ms.emplace(journal_.step, world_.clock.now_ms() - step_began_ms_);
    note_undoing();
    withdraw_new();
    std::string output;
    const bool stopped = stop_new(output);
    outcome_.result = "kept";
    outcome_.exit = exit_code::kept;
    if (const int signal = world_.clock.interrupted()) {
        outcome_.exit = 128 + signal;
    }
    outcome_.message = why;
    if (outcome_.connections_cut > 0) {
        outcome_.message += "\n" + cut_text(outcome_.connections_cut) + " that " + new_twin().str() + " had taken";
    }
    if (const auto lines = world_.observer.last_lines(new_config(), log_mark_); !lines.empty()) {
        outcome_.message += "\n" + new_twin().str() + " said last:\n" + lines;
    }
    if (!stopped) {
        // Left in the journal: the next command undoes it.
        outcome_.message += "\n" + new_twin().str() + " could not be stopped:\n" + output + how_it_stands("start");
        return;
    }
    put_release_back();
    if (look(old_twin()).is_up()) {
        outcome_.message += "\n" + old_twin().str() + " serves on, " + new_twin().str() + " is stopped";
    } else {
        outcome_.exit = exit_code::failed;
        outcome_.message += "\n" + old_twin().str() + " had crashed before: nothing serves, `twinctl start " +
                            pair_ + "` starts it again";
    }
    write_down();
}

void Swap::note_undoing() {
    if (journal_.step < Step::Hup) {
        return;
    }
    // The new twin may be hung up from here on: whoever reads the journal must not finish the swap.
    journal_.step = Step::Quiesce;
    journal_.drain_began.reset();
    try {
        world_.notebook.write_journal(journal_);
    } catch (const SystemError& error) {
        world_.progress.note(std::string("warning: ") + error.what());
    }
}

bool Swap::stop_new(std::string& output) {
    if (look(new_twin()).state == ServiceState::Stopped) {
        // A start that was ended at its deadline leaves what it has started, and OpenRC forgets it.
        adopt_forgotten();
    }
    return stop(new_twin(), output);
}

/// OpenRC takes a script that was ended by a signal for one that succeeded: what is seen counts.
bool Swap::stop(const TwinName& name, std::string& output) {
    for (int tries = 0; tries < 3; ++tries) {
        if (!insist(name, "stop", output)) {
            return false;
        }
        auto view = look(name);
        if (view.alive) {
            world_.clock.pause(moment * 20, view.record->process);
            view = look(name);
        }
        if (!view.alive) {
            return true;
        }
        adopt_forgotten();
    }
    output = "OpenRC has it stopped, and its process lives on";
    return false;
}

int Swap::start_timeout_ms(int parity) const {
    // A service that tells OpenRC when it is ready (notify=) may never do so.
    return (config(parity).ready_timeout + config(parity).wait_s) * 1000;
}

TwinView Swap::look(const TwinName& name) {
    // OpenRC's start of what has been started a moment ago marks it starting once more, before it
    // finds that out.
    auto view = world_.observer.look(name);
    for (int looks = 0; looks < moment && view.alive && view.busy && view.state == ServiceState::Starting;
         ++looks) {
        world_.clock.pause(20, {});
        view = world_.observer.look(name);
    }
    return view;
}

bool Swap::insist(const TwinName& name, const char* word, std::string& output) {
    // OpenRC does not wait: a service that somebody else is at is refused within milliseconds,
    // and he may be gone again before anybody can see it. Nor may it be zapped while he starts
    // it: a second process would be put beside his.
    const auto wanted = std::string(word) == "stop" ? ServiceState::Stopped : ServiceState::Started;
    const int timeout_ms = wanted == ServiceState::Started ? start_timeout_ms(name.parity) : 0;
    int refusals = 0;
    for (int looks = 0; looks < patience; ++looks) {
        if (!world_.observer.look(name).busy) {
            if (wanted == ServiceState::Started) {
                // Each time: whoever was refused because of the mark has set it again.
                world_.notebook.forget_retirement(name);
            }
            const auto began_ms = world_.clock.now_ms();
            const bool said_yes = world_.rc.run(name.str(), {word}, output, timeout_ms);
            // Whether a start is to be believed finds out who waits until the twin is ready.
            if ((said_yes && wanted == ServiceState::Started) || look(name).state == wanted) {
                return true;
            }
            const bool late = timeout_ms > 0 && world_.clock.now_ms() - began_ms >= timeout_ms;
            if (late) {
                output += (output.empty() ? "" : "\n") + std::string("it did not come to its end in ") +
                          seconds_text(timeout_ms);
            }
            refusals += was_busy(output) ? 0 : 1;
            if (refusals == 3 || late) {
                return false;
            }
        }
        world_.clock.pause(20, {});
    }
    output = "another rc-service is at " + name.str();
    return false;
}

bool Swap::is_interrupted() {
    const int signal = world_.clock.interrupted();
    if (signal != 0) {
        reason_ = interrupted_by(signal);
    }
    return signal != 0;
}

void Swap::enter(Step step) {
    journal_.step = step;
    world_.notebook.write_journal(journal_);
    step_began_ms_ = world_.clock.now_ms();
}

void Swap::leave(const std::string& detail) {
    const auto took = world_.clock.now_ms() - step_began_ms_;
    outcome_.phases_ms[journal_.step] = took;
    world_.progress.done(to_string(journal_.step), detail, took);
}

}  // namespace twinctl
