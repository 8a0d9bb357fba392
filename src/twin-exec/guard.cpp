// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/active.hpp"
#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/pidfile.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

namespace {

bool is_going_down() {
    const char* value = std::getenv("RC_GOINGDOWN");
    return value != nullptr && std::string_view(value) == "YES";
}

}  // namespace

// Stop and hup of both twins at the same instant: one is answered after the other, and what the
// first was told is already to be seen (its draining mark; OpenRC's own mark for a stop is set
// before stop_pre runs).
Fd take_guard_lock(const Layout& layout, const std::string& pair) {
    make_directories(layout.run(pair));
    for (int i = 0; i < 1000; ++i) {
        if (auto lock = try_lock(layout.guard_lock(pair))) {
            return lock;
        }
        usleep(5000);
    }
    throw SystemError("the guard of " + pair + " has been busy for 5 s");
}

namespace {

std::string way_out(const Layout& layout, const TwinName& twin) {
    if (exists(layout.initscript(twin.pair))) {
        return "`twinctl swap " + twin.pair + "` replaces it, `rc-service " + twin.pair +
               " stop` stops the service";
    }
    return "start the other first: `rc-service " + twin.sibling().str() +
           " zap start`; twin_guard=off in its conf.d stops both";
}

/// The signal of twin_hup for this process; 0: none.
int choose_signal(const Options& options, const Record& record) {
    const auto& wanted = options.hup_signal;
    const auto& twin = options.twin;
    if (wanted == "no" || record.placeholder) {
        return 0;
    }
    if (wanted == "auto") {
        const auto fate = fate_of(record.process.pid, SIGHUP);
        if (fate == SignalFate::Ends || fate == SignalFate::Ignored) {
            if (record.endpoint == Endpoint::Steer || !options.switch_command.empty()) {
                // No new connection reaches it any more: it drains without being told.
                return 0;
            }
            throw Refusal{exit_code::refused,
                          twin.str() + (fate == SignalFate::Ends ? " has no handler for SIGHUP and would die of it"
                                                                 : " ignores SIGHUP and would go on as before") +
                              "; set twin_hup to its own graceful signal, or to no"};
        }
        return SIGHUP;
    }
    const auto number = signal_number(wanted);
    if (!number) {
        throw InputError("twin_hup is '" + printable(wanted) +
                         "': it must be auto, no or a signal's name such as QUIT");
    }
    return *number;
}

void hang_up(const Options& options, const Layout& layout) {
    const auto record = read_record(layout, options.twin);
    if (!record || !is_alive(record->process)) {
        throw Refusal{exit_code::refused, options.twin.str() + " has no living process"};
    }
    const int signal = choose_signal(options, *record);
    // Before the signal: whoever respawns the twin from here on must not serve.
    write_file(layout.draining(options.twin), "", 0644);
    if (signal != 0) {
        send_signal(record->process, signal);
    }
}

}  // namespace

void note_active(const Layout& layout, const std::string& pair, int parity) {
    try {
        write_active(layout, pair, parity);
    } catch (const SystemError& error) {
        std::fprintf(stderr, "twin-exec: warning: %s\n", error.what());
    }
}

int guard(const Options& options, const Layout& layout) {
    const auto mode = parse_guard_mode(options.guard);
    const auto lock = take_guard_lock(layout, options.twin.pair);
    auto facts = look_around(layout, options.twin, is_going_down());
    if (options.hup) {
        // What excuses a stop is no excuse for a hup: that has no lock of OpenRC, and a twin that
        // was dead, or stopped with its pair, may have been started when the signal is sent.
        facts.pair_stopping = false;
        facts.self_alive = true;
    }
    if (const auto refusal = why_refused(facts, options.twin); refusal && mode != GuardMode::Off) {
        if (mode == GuardMode::Enforce) {
            throw Refusal{exit_code::refused, *refusal + "; " + way_out(layout, options.twin)};
        }
        std::fprintf(stderr, "twin-exec: warning: %s\n", refusal->c_str());
    }
    if (facts.sibling_lack.empty() && !facts.pair_stopping && !facts.going_down) {
        try {
            move_to_sibling(options, layout);
        } catch (const SystemError& error) {
            if (mode == GuardMode::Enforce) {
                throw;
            }
            std::fprintf(stderr, "twin-exec: warning: %s\n", error.what());
        }
        // From here on new connections belong to the sibling, after a reboot too.
        note_active(layout, options.twin.pair, options.twin.sibling().parity);
    }
    if (options.hup) {
        hang_up(options, layout);
    } else {
        forget_reused_pid(layout, options.twin);
    }
    return 0;
}

int up(const Options& options, const Layout& layout) {
    return is_up(layout, options.twin) ? 0 : exit_code::not_up;
}

}  // namespace twinctl
