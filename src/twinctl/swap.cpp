// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/swap.hpp"

#include <signal.h>

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

void Swap::adopt_forgotten() {
    for (int parity = 0; parity < 2; ++parity) {
        const auto view = observer_.look(twin(parity));
        if (view.alive && view.state == ServiceState::Stopped) {
            // A zap forgot it. Starting it is refused, and gives it back to OpenRC.
            std::string output;
            rc_.run(twin(parity).str(), {"start"}, output);
        }
    }
}

void Swap::choose_direction() {
    const TwinView views[2] = {observer_.look(twin(0)), observer_.look(twin(1))};
    const int active = notebook_.active(pair_).value_or(0);
    const auto first_that = [&](auto matches) {
        return matches(views[active]) ? active : matches(views[1 - active]) ? 1 - active : -1;
    };
    int from = first_that([](const TwinView& view) { return view.is_up(); });
    if (from < 0) {
        from = first_that([](const TwinView& view) { return view.state == ServiceState::Started; });
    }
    if (from < 0) {
        throw SystemError(pair_ + " is not running: `twinctl start " + pair_ + "` starts it");
    }
    journal_.from = outcome_.from = from;
    journal_.to = outcome_.to = 1 - from;
    if (views[from].alive) {
        take_as_old(views[from]);
    }
}

void Swap::take_as_old(const TwinView& view) {
    old_process_ = view.record->process;
    // The ports it was started with, which today's configuration may not know any more.
    configs_[static_cast<std::size_t>(journal_.from)].ports = parse_ports(view.record->ports);
}

void Swap::clear_the_place() {
    const auto idle = twin(journal_.to);
    const auto view = observer_.look(idle);
    std::string output;
    if (view.alive) {
        // Both were up, or an old twin was left hung up: it goes the way of every old twin.
        progress_.note(idle.str() + " is still up from before: it is drained and stopped first");
        if (config(journal_.to).hup != "no") {
            rc_.run(idle.str(), {"hup"}, output);
        }
        const auto deadline = clock_.now_ms() + config(journal_.to).drain_timeout * 1000LL;
        while (clock_.now_ms() < deadline && !is_interrupted() && observer_.look(idle).alive &&
               observer_.connections(config(journal_.to).ports, journal_.to) > 0) {
            clock_.pause(20, view.record->process);
        }
        if (is_interrupted()) {
            throw SystemError(reason_ + ", both twins are up");
        }
    }
    if (view.state != ServiceState::Stopped && !insist(idle, "stop", output)) {
        throw SystemError(idle.str() + " is in the place of the new twin and cannot be stopped: " +
                          output);
    }
}

std::string Swap::plan() {
    choose_direction();
    const auto old = twin(journal_.from).str();
    const auto fresh = twin(journal_.to).str();
    const auto& settings = config(journal_.to);
    std::string text = "rc-service " + fresh + " start\n";
    text += "wait until " + fresh + " is ready (" + ports_text(settings, journal_.to) + ", at most " +
            std::to_string(settings.ready_timeout) + " s)\n";
    if (!old_process_) {
        text += old + " has crashed and is not hung up\n";
    } else if (config(journal_.from).hup != "no") {
        text += "rc-service " + old + " hup\n";
        text += "wait until " + old + " has finished its connections (at most " +
                std::to_string(config(journal_.from).drain_timeout) + " s)\n";
    }
    return text + "rc-service " + old + " stop\n";
}

void Swap::preflight_settings() {
    const auto& settings = config(journal_.to);
    const auto old = twin(journal_.from);
    if (const auto why = observer_.why_no_program(settings); !why.empty()) {
        throw InputError(why);
    }
    if (old_process_ && config(journal_.from).hup == "auto" && !observer_.look(old).draining &&
        !observer_.catches(*old_process_, SIGHUP)) {
        throw InputError(old.str() + " has no handler for SIGHUP and would die of it: set twin_hup "
                                     "to its own graceful signal, or to no");
    }
    std::string output;
    if (!settings.check.empty() && !observer_.run_check(settings.check, output)) {
        throw InputError("twin_check failed, nothing was touched:\n" + output);
    }
}

void Swap::preflight_place() {
    if (const auto taken = observer_.taken_port(config(journal_.to), journal_.to); !taken.empty()) {
        throw SystemError("port " + taken + " of " + twin(journal_.to).str() +
                          " is taken by another process");
    }
}

void Swap::preflight_memory() {
    if (!old_process_) {
        return;
    }
    const auto needed = observer_.memory_of(*old_process_);
    const auto available = observer_.memory_available();
    if (needed > available) {
        throw SystemError("not enough memory for two: " + twin(journal_.from).str() + " has " +
                          std::to_string(needed >> 20) + " MiB, the machine has " +
                          std::to_string(available >> 20) + " MiB left");
    }
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
        if (!fresh.alive && config(journal_.to).supervisor != "supervise-daemon") {
            const auto step = journal_.step;
            bring_back_new();
            journal_.step = step;
            notebook_.write_journal(journal_);
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
