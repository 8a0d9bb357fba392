// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// Where new connections go, and that none is lost on the way.
#include <signal.h>

#include <algorithm>
#include <limits>
#include <string>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/names.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

bool Swap::can_move_clients() const {
    return endpoint_ == Endpoint::Steer ||
           (endpoint_ == Endpoint::Direct && !new_config().switch_command.empty());
}

bool Swap::will_hang_up() {
    if (!old_ || old_config().hup == "no") {
        return false;
    }
    return hung_up_ || is_hung_up_by(old_config(), *old_);
}

/// With twin_hup=auto: to have a handler for SIGHUP is no promise. Most services begin anew by it, and cut what is under
/// way. Who gets no new connections needs no signal, unless a rehearsal has seen that it finishes what it has.
bool Swap::is_hung_up_by(const Config& config, const Record& record) {
    if (config.hup != "auto") {
        return config.hup != "no";
    }
    const auto fate = world_.observer.fate_of(record.process, SIGHUP);
    return (fate == SignalFate::Caught || fate == SignalFate::Blocked) &&
           (!can_move_clients() || world_.notebook.finishes_on_hup(pair_, record.fingerprint));
}

void Swap::point_at(const TwinName& twin) {
    if (endpoint_ == Endpoint::Steer) {
        world_.front.steer_to(twin);
    } else {
        std::string output;
        if (!world_.front.run_switch(twin, new_config(), output)) {
            throw SystemError("twin_switch failed" + (output.empty() ? "" : ":\n" + output));
        }
    }
    try {
        world_.notebook.set_active(pair_, twin.parity);
    } catch (const SystemError& error) {
        world_.progress.note(std::string("warning: ") + error.what());
    }
}

bool Swap::switch_over() {
    try {
        if (endpoint_ == Endpoint::Inherit && old_) {
            // Both take connections already. An old twin that shuts the listener down does so for both.
            world_.front.keep_listeners(new_twin());
        }
        if (!can_move_clients()) {
            return true;
        }
        wait_for_listener();
        enter(Step::Switch);
        point_at(new_twin());
        if (old_) {
            world_.front.begin_quiesce(old_twin());
        }
        leave(new_twin().str());
        if (old_) {
            enter(Step::Quiesce);
            quiesce(old_twin());
        }
    } catch (const SystemError& error) {
        reason_ = error.what();
        return false;
    }
    return true;
}

/// With twin_ready=none nobody has waited for that yet, and a steered port can lead to nothing else.
void Swap::wait_for_listener() {
    const auto deadline_ms = world_.clock.now_ms() + new_config().ready_timeout * 1000LL;
    while (endpoint_ == Endpoint::Steer && new_config().ready == Ready::None && !is_interrupted() &&
           look(new_twin()).alive && !look(new_twin()).listening &&
           world_.clock.now_ms() < deadline_ms) {
        world_.clock.pause(5, {});
    }
}

void Swap::quiesce(const TwinName& old) {
    const auto began_ms = world_.clock.now_ms();
    const auto patience_ms = config(old.parity).quiesce_timeout * 1000LL;
    const auto last_ms = began_ms + std::max(patience_ms, config(old.parity).drain_timeout * 1000LL);
    auto deadline_ms = began_ms + patience_ms;
    unsigned left = 0;
    unsigned fewest = std::numeric_limits<unsigned>::max();
    while ((left = world_.front.unquiet()) > 0) {
        const auto now = world_.clock.now_ms();
        if (left < fewest) {
            // An old twin that is busy takes them one by one.
            fewest = left;
            deadline_ms = std::min(now + patience_ms, last_ms);
        }
        if (now >= deadline_ms) {
            break;
        }
        world_.progress.waiting("quiesce", std::to_string(left) + " handshakes left, " +
                                               seconds_text(deadline_ms - now) + " to go");
        world_.clock.pause(2, {});
    }
    if (old.parity == journal_.from) {
        leave(std::to_string(left) + " handshakes left");
    }
}

/// Takes the clients back from a new twin that is to be stopped again. Whoever it has taken on
/// is to be answered.
void Swap::withdraw_new() {
    if (!old_ || journal_.step < Step::Start || !look(old_twin()).is_up()) {
        return;
    }
    const bool switched = journal_.step >= Step::Switch && can_move_clients();
    // Where nobody moves clients they come by themselves: with inherit from its first accept(2), ready or not, and with
    // direct as soon as a balancer reaches it.
    if (!switched && can_move_clients()) {
        return;
    }
    if (switched) {
        try {
            point_at(old_twin());
            world_.front.begin_quiesce(new_twin());
            quiesce(new_twin());
        } catch (const SystemError& error) {
            world_.progress.note(std::string("cannot point back: ") + error.what());
        }
    }
    // A start outlives the twinctl that called it, and what it starts takes clients then.
    wait_while_busy(new_twin());
    const auto view = look(new_twin());
    if (!view.alive || !view.record ||
        (!view.listening && !world_.observer.any_connection(*view.record, journal_.to))) {
        return;
    }
    const bool hangs_up = is_hung_up_by(new_config(), *view.record);
    std::string output;
    if (hangs_up) {
        world_.rc.run(new_twin().str(), {"hup"}, output, 0);
        if (look(new_twin()).alive && !look(new_twin()).draining) {
            // The mark could not be written (a full disk). It would take clients until it is stopped, and cut them.
            world_.front.send(view.record->process, signal_number(new_config().hup).value_or(SIGHUP));
        }
    }
    const auto began_ms = world_.clock.now_ms();
    const auto deadline_ms = began_ms + new_config().drain_timeout * 1000LL;
    // Until it has closed its listener it may take one more.
    const auto listens = [&] {
        return hangs_up && world_.clock.now_ms() - began_ms < settle_ms && look(new_twin()).listening;
    };
    for (int quiet = 0; quiet < 2 && world_.clock.now_ms() < deadline_ms &&
                        world_.observer.is_alive(view.record->process);) {
        quiet = listens() || world_.observer.any_connection(*view.record, journal_.to) ? 0 : quiet + 1;
        world_.clock.pause(5, view.record->process);
    }
    if (world_.observer.is_alive(view.record->process)) {
        outcome_.connections_cut = world_.observer.connections(*view.record, journal_.to);
    }
}

void Swap::wait_while_busy(const TwinName& name) {
    for (int looks = 0; looks < patience && world_.observer.look(name).busy; ++looks) {
        world_.clock.pause(20, {});
    }
}

void Swap::mend_listeners() {
    if (!old_ || endpoint_ != Endpoint::Inherit) {
        return;
    }
    const auto mended = world_.front.mend_listeners();
    if (!mended.empty()) {
        world_.progress.note("warning: " + old_twin().str() + " shut down the listener on " + mended +
                             ", which both twins share; it listens again");
        mended_ = mended;
    }
}

}  // namespace twinctl
