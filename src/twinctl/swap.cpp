// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/swap.hpp"

#include <utility>

#include "core/error.hpp"
#include "twinctl/outcome_json.hpp"
#include "twinctl/readiness.hpp"

namespace twinctl {

namespace {

constexpr int hup_settle_ms = 1000;
constexpr int patience = 1500;  // times 20 ms: 30 s

std::string connections_text(unsigned count) {
    return std::to_string(count) + (count == 1 ? " connection left" : " connections left");
}

}  // namespace

Swap::Swap(std::string pair, std::vector<Config> configs, RcService& rc, Observer& observer,
           Notebook& notebook, Clock& clock, Progress& progress)
    : pair_(std::move(pair)), configs_(std::move(configs)), rc_(rc), observer_(observer),
      notebook_(notebook), clock_(clock), progress_(progress) {
    journal_.pair = pair_;
}

SwapOutcome Swap::run() {
    recover();
    adopt_forgotten();
    choose_direction();
    preflight_settings();
    preflight_memory();
    clear_the_place();
    preflight_place();
    progress_.begin(pair_, journal_.from, journal_.to);
    if (!bring_up_new() || !hang_up()) {
        keep_old(reason_);
        return outcome_;
    }
    finish_from_hup(clock_.now_ms() + config(journal_.from).drain_timeout * 1000LL);
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

bool Swap::start_new() {
    const auto fresh = twin(journal_.to);
    log_mark_ = observer_.log_size(config(journal_.to));
    enter(Step::Start);
    std::string output;
    const bool started = insist(fresh, "start", output);
    if (!started) {
        reason_ = fresh.str() + " could not be started";
        if (!output.empty()) {
            reason_ += ":\n" + output;
        }
        return false;
    }
    leave(fresh.str());
    return true;
}

bool Swap::wait_until_ready() {
    enter(Step::Ready);
    const auto& settings = config(journal_.to);
    reason_ = why_not_ready(twin(journal_.to), settings, observer_, clock_, progress_);
    if (!reason_.empty()) {
        return false;
    }
    leave(ports_text(settings, journal_.to));
    return true;
}

bool Swap::hang_up() {
    const auto old = twin(journal_.from);
    if (!old_process_ || config(journal_.from).hup == "no") {
        return true;
    }
    if (journal_.drain_until == 0) {
        journal_.drain_until = clock_.wall_s() + config(journal_.from).drain_timeout;
    }
    enter(Step::Hup);
    std::string output;
    // The mark is set before the signal is sent: what was hung up cannot be taken back, even
    // where rc-service then failed.
    if (!rc_.run(old.str(), {"hup"}, output) && !observer_.look(old).draining) {
        reason_ = old.str() + " was not hung up:\n" + output;
        return false;
    }
    leave(old.str());
    return true;
}

void Swap::finish_from_hup(std::int64_t until_ms) {
    const bool hung_up = old_process_ && config(journal_.from).hup != "no";
    if (hung_up) {
        drain(until_ms);
    }
    if (!is_new_up()) {
        // The new twin has died meanwhile. An old one that was not hung up is as good as ever.
        if (!hung_up && old_process_) {
            keep_old(twin(journal_.to).str() + " has ended");
            return;
        }
        if (observer_.look(twin(journal_.to)).state != ServiceState::Started) {
            // The guard lets nobody do that but a shutdown and a stop of the pair: not to be undone.
            throw SystemError(twin(journal_.to).str() + " was stopped meanwhile, the swap ends here");
        }
        if (!bring_back_new()) {
            throw SystemError(twin(journal_.to).str() + " has ended after " +
                              twin(journal_.from).str() + " was hung up, and does not start again:\n" +
                              reason_ + "\n`twinctl start " + pair_ + "` tries once more");
        }
    }
    if (!stop_old()) {
        notebook_.forget_retirement(twin(journal_.from));
        if (!hung_up && observer_.look(twin(journal_.from)).is_up()) {
            keep_old(reason_);
            return;
        }
        outcome_.result = "swapped";
        outcome_.exit = exit_code::failed;
        outcome_.message = twin(journal_.to).str() + " serves, but " + reason_ +
                           "; the next twinctl command tries again";
        notebook_.set_active(pair_, journal_.to);
        return;
    }
    record_swapped();
}

bool Swap::has_drained(unsigned& connections) {
    const auto view = observer_.look(twin(journal_.from));
    if (!view.alive || view.record->placeholder || view.record->process != *old_process_) {
        connections = 0;
        return true;
    }
    connections = observer_.connections(config(journal_.from).ports, journal_.from);
    if (connections > 0) {
        quiet_since_ms_ = -1;
        return false;
    }
    if (!view.listening || config(journal_.from).ports.empty()) {
        return true;
    }
    // It has nothing open, and yet listens: either it is just about to close, or it never will.
    const auto now = clock_.now_ms();
    if (quiet_since_ms_ < 0) {
        quiet_since_ms_ = now;
    }
    return now - quiet_since_ms_ >= hup_settle_ms;
}

void Swap::drain(std::int64_t until_ms) {
    enter(Step::Drain);
    unsigned left = 0;
    bool told = false;
    bool revived = false;
    while (!has_drained(left)) {
        const auto now = clock_.now_ms();
        if (now >= until_ms) {
            outcome_.connections_cut = left;
            break;
        }
        if (!told && clock_.interrupted() != 0) {
            told = true;
            progress_.note(twin(journal_.from).str() +
                           " is hung up and cannot be taken back: the swap goes on");
        }
        const auto fresh = observer_.look(twin(journal_.to));
        // Once: one that does not stay is seen again before the old twin is stopped.
        if (!revived && !fresh.alive && fresh.state == ServiceState::Started && config(journal_.to).supervisor != "supervise-daemon") {
            revived = true;
            const auto began_ms = step_began_ms_;
            bring_back_new();
            enter(Step::Drain);
            step_began_ms_ = began_ms;
        }
        progress_.waiting("drain", connections_text(left) + ", " + seconds_text(until_ms - now) + " to go");
        clock_.pause(poll_interval_ms(now - step_began_ms_), old_process_);
    }
    leave(connections_text(left));
}

bool Swap::is_new_up() {
    const auto view = observer_.look(twin(journal_.to));
    return view.is_up() && (view.listening || config(journal_.to).ready == Ready::None);
}

bool Swap::bring_back_new() {
    const auto fresh = twin(journal_.to);
    progress_.note(fresh.str() + " has ended: it is started again");
    // A supervisor may be faster; if it is not, nothing is left in the way.
    std::string output;
    if (observer_.look(fresh).state != ServiceState::Stopped) {
        insist(fresh, "stop", output);
    }
    return start_new() && wait_until_ready();
}

bool Swap::stop_old() {
    const auto old = twin(journal_.from);
    enter(Step::Stop);
    notebook_.announce_retirement(old);
    std::string output;
    if (!insist(old, "stop", output)) {
        reason_ = old.str() + " could not be stopped:\n" + output;
        return false;
    }
    notebook_.retire(old);
    leave(old.str());
    return true;
}

void Swap::record_swapped() {
    enter(Step::Record);
    outcome_.result = "swapped";
    outcome_.message = twin(journal_.to).str() + " is active";
    if (outcome_.connections_cut > 0) {
        outcome_.exit = exit_code::cut;
        outcome_.message += "; the drain deadline passed and " +
                            std::to_string(outcome_.connections_cut) + " connections were cut";
    }
    write_down();
}

void Swap::write_down() {
    // The twins are where they belong: a full disk is no reason to call the swap failed.
    try {
        if (outcome_.result == "swapped") {
            notebook_.set_active(pair_, journal_.to);
        }
        notebook_.add_to_ledger(pair_, ledger_line(pair_, outcome_, clock_.wall_s()));
    } catch (const SystemError& error) {
        progress_.note(std::string("warning: ") + error.what());
    }
    notebook_.clear_journal(pair_);
}

void Swap::keep_old(const std::string& why) {
    const auto fresh = twin(journal_.to);
    const auto old = twin(journal_.from);
    outcome_.phases_ms.emplace(journal_.step, clock_.now_ms() - step_began_ms_);
    std::string output;
    const bool stopped = insist(fresh, "stop", output);
    outcome_.result = "kept";
    outcome_.exit = exit_code::kept;
    if (const int signal = clock_.interrupted()) {
        outcome_.exit = 128 + signal;
    }
    outcome_.message = why;
    if (const auto lines = observer_.last_lines(config(journal_.to), log_mark_); !lines.empty()) {
        outcome_.message += "\n" + fresh.str() + " said last:\n" + lines;
    }
    if (!stopped) {
        outcome_.message += "\n" + fresh.str() + " could not be stopped:\n" + output;
        // Left in the journal: the next command undoes it.
        return;
    }
    if (observer_.look(old).is_up()) {
        outcome_.message += "\n" + old.str() + " serves on, " + fresh.str() + " is stopped";
    } else {
        outcome_.exit = exit_code::failed;
        outcome_.message += "\n" + old.str() + " had crashed before: nothing serves, `twinctl start " +
                            pair_ + "` starts it again";
    }
    write_down();
}

bool Swap::insist(const TwinName& name, const char* word, std::string& output) {
    // OpenRC does not wait: a service that somebody else is at is refused within milliseconds,
    // and he may be gone again before anybody can see it. Nor may it be zapped while he starts
    // it: a second process would be put beside his.
    const auto wanted = std::string(word) == "stop" ? ServiceState::Stopped : ServiceState::Started;
    int refusals = 0;
    for (int looks = 0; looks < patience; ++looks) {
        if (!observer_.look(name).busy) {
            if (wanted == ServiceState::Started) {
                // Each time: whoever was refused because of the mark has set it again.
                notebook_.forget_retirement(name);
            }
            if (rc_.run(name.str(), {word}, output)) {
                return true;
            }
            if (observer_.look(name).state == wanted) {
                return true;
            }
            if (++refusals == 3) {
                return false;
            }
        }
        clock_.pause(20, {});
    }
    output = "another rc-service is at " + name.str();
    return false;
}

bool Swap::is_interrupted() {
    const int signal = clock_.interrupted();
    if (signal != 0) {
        reason_ = interrupted_by(signal);
    }
    return signal != 0;
}

void Swap::enter(Step step) {
    journal_.step = step;
    notebook_.write_journal(journal_);
    step_began_ms_ = clock_.now_ms();
}

void Swap::leave(const std::string& detail) {
    const auto took = clock_.now_ms() - step_began_ms_;
    outcome_.phases_ms[journal_.step] = took;
    progress_.done(to_string(journal_.step), detail, took);
}

}  // namespace twinctl
