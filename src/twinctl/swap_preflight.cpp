// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What comes before the first step: which twin is which, and whether a swap can be done at all.
#include <signal.h>

#include <cstddef>
#include <string>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

namespace {

constexpr int moment_ms = 1000;
constexpr int guard_patience = 250;  // times 20 ms: 5 s, as long as the guard waits for its lock

}  // namespace

void Swap::adopt_forgotten() {
    for (int parity = 0; parity < 2; ++parity) {
        const auto is_forgotten = [](const TwinView& view) {
            // A start or stop that was killed leaves its mark behind, too.
            return view.alive && !view.busy && view.state != ServiceState::Started &&
                   view.state != ServiceState::Inactive;
        };
        const auto view = look(twin(parity));
        if (!is_forgotten(view)) {
            continue;
        }
        // One whose start was ended under supervise-daemon ends by itself a moment later, and
        // must not be started while it does.
        world_.clock.pause(moment_ms, view.record->process);
        if (is_forgotten(look(twin(parity)))) {
            // A zap forgot it. Starting it is refused, and gives it back to OpenRC.
            std::string output;
            world_.rc.run(twin(parity).str(), {"start"}, output, start_timeout_ms(parity));
        }
    }
}

void Swap::choose_direction() {
    TwinView views[2] = {look(twin(0)), look(twin(1))};
    // A stop that the guard is about to refuse has marked its twin stopping before it asks.
    const auto is_asked = [](const TwinView& view) {
        return view.alive && view.busy && view.state == ServiceState::Stopping;
    };
    for (int looks = 0; looks < guard_patience && !views[0].is_up() && !views[1].is_up() &&
                        (is_asked(views[0]) || is_asked(views[1]));
         ++looks) {
        world_.clock.pause(20, {});
        views[0] = look(twin(0));
        views[1] = look(twin(1));
    }
    const int active = world_.notebook.active(pair_).value_or(0);
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
    old_ = view.record;
    endpoint_ = old_->endpoint;
    hung_up_ = view.draining;
    // The ports it was started with, which today's configuration may not know any more.
    configs_[static_cast<std::size_t>(journal_.from)].ports = parse_ports(view.record->ports);
}

void Swap::clear_the_place() {
    const auto idle = twin(journal_.to);
    const auto view = look(idle);
    std::string output;
    if (view.alive) {
        // Both were up, or an old twin was left hung up: it goes the way of every old twin.
        world_.progress.note(idle.str() + " is still up from before: it is drained and stopped first");
        if (is_hung_up_by(config(journal_.to), *view.record)) {
            world_.rc.run(idle.str(), {"hup"}, output, 0);
        }
        const auto deadline = world_.clock.now_ms() + config(journal_.to).drain_timeout * 1000LL;
        while (world_.clock.now_ms() < deadline && !is_interrupted() && look(idle).alive &&
               world_.observer.any_connection(*view.record, journal_.to)) {
            world_.clock.pause(20, view.record->process);
        }
        if (is_interrupted()) {
            throw SystemError(reason_ + ", both twins are up");
        }
        if (look(idle).alive) {
            cut_before_ += world_.observer.connections(*view.record, journal_.to);
        }
    }
    if (view.state != ServiceState::Stopped && !stop(idle, output)) {
        throw SystemError(idle.str() + " is in the place of the new twin and cannot be stopped: " +
                          output + how_it_stands("swap"));
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
    if (!old_) {
        text += old + " has crashed and is not hung up\n";
    } else {
        if (endpoint_ == Endpoint::Steer) {
            text += "steer new connections for " + old_->publics + " to " + fresh + "\n";
        } else if (can_move_clients()) {
            text += "run twin_switch: " + settings.switch_command + "\n";
        }
        if (can_move_clients()) {
            text += "wait until nothing is half-open or queued at " + old + " (at most " +
                    std::to_string(old_config().quiesce_timeout) + " s)\n";
        }
        if (will_hang_up()) {
            text += "rc-service " + old + " hup\n";
        } else if (old_config().hup == "auto") {
            text += "do not hang " + old + " up: it gets no new connections, and no rehearsal has seen that it finishes "
                    "what it has on SIGHUP (`twinctl rehearse " + pair_ + "`)\n";
        }
        if (will_hang_up() || can_move_clients()) {
            text += "wait until " + old + " has finished its connections (at most " +
                    std::to_string(old_config().drain_timeout) + " s)\n";
        }
    }
    return text + "rc-service " + old + " stop\n";
}

void Swap::preflight() {
    choose_direction();
    preflight_settings();
    preflight_endpoint();
    preflight_memory();
    if (!look(new_twin()).alive) {
        preflight_place();
    }
}

/// A swap never changes the endpoint: clients would find nobody.
void Swap::preflight_endpoint() {
    if (!old_) {
        return;
    }
    try {
        world_.front.check(new_config(), *old_);
    } catch (const InputError& error) {
        throw InputError(std::string(error.what()) + "; `rc-service " + pair_ +
                         " restart` changes it, with a gap");
    }
}

void Swap::preflight_settings() {
    const auto& settings = config(journal_.to);
    const auto old = twin(journal_.from);
    if (const auto why = old_ ? world_.observer.why_blind(old, *old_) : ""; !why.empty()) {
        throw InputError(why + "; nothing was touched");
    }
    if (const auto why = world_.observer.why_unstartable(settings); !why.empty()) {
        throw InputError(why);
    }
    if (old_ && old_config().hup == "auto" && !can_move_clients() && !hung_up_) {
        const auto fate = world_.observer.fate_of(old_->process, SIGHUP);
        if (fate == SignalFate::Ends || fate == SignalFate::Ignored) {
            throw InputError(old.str() + (fate == SignalFate::Ends ? " has no handler for SIGHUP and would die of it"
                                                                   : " ignores SIGHUP and would go on as before") +
                             ": set twin_hup to its own graceful signal, or to no");
        }
    }
    if (old_ && endpoint_ == Endpoint::Inherit && old_config().hup == "no") {
        throw InputError(old.str() + " would not be hung up (twin_hup=no), and with inherit it takes "
                                     "connections until it is stopped: all of them would be cut");
    }
    std::string output;
    if (!settings.check.empty() && !world_.observer.run_check(settings.check, new_twin(), settings.ports, check_timeout_ms, output)) {
        throw InputError(new_twin().str() + ": twin_check failed, nothing was touched:\n" + output);
    }
}

void Swap::preflight_place() {
    if (const auto taken = world_.observer.taken_port(config(journal_.to), journal_.to)) {
        throw SystemError("port " + taken->port + " of " + twin(journal_.to).str() + " is taken by " + taken->by +
                          "; " + twin(journal_.from).str() + " has not been touched");
    }
}

void Swap::preflight_memory() {
    if (!old_) {
        return;
    }
    const auto needed = world_.observer.memory_of(old_->process);
    const auto available = world_.observer.memory_available();
    if (needed > available) {
        throw SystemError("not enough memory for two: " + twin(journal_.from).str() + " has " +
                          std::to_string(needed >> 20) + " MiB, the machine has " +
                          std::to_string(available >> 20) + " MiB left; it has not been touched");
    }
}

}  // namespace twinctl
