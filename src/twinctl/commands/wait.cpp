// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstddef>
#include <string>

#include "core/error.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/pair_lock.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/context.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

/// The twin that is up or coming up: the active one where both are.
TwinName choose_twin(Session& session) {
    const int active = session.notebook.active(session.pair).value_or(0);
    for (const int parity : {active, 1 - active}) {
        const TwinName twin{session.pair, parity};
        const auto view = session.observer.look(twin);
        if (view.state != ServiceState::Stopped && !view.draining) {
            return twin;
        }
    }
    throw SystemError(session.pair + " is not running");
}

/// With a public endpoint the pair is there for clients only when that leads to the twin; a helper
/// of twin-exec sees to it, and may have been killed.
std::string why_not_reached(Session& session, const TwinName& twin, const Config& config) {
    const auto deadline = session.clock.now_ms() + config.ready_timeout * 1000LL;
    while (!session.front.leads_to(twin) && !is_adopting(session.context.layout, twin.pair)) {
        if (session.clock.now_ms() >= deadline) {
            return "the public port does not lead to " + twin.str() + ": `twinctl check " + twin.pair +
                   "` says why";
        }
        if (const int signal = session.clock.interrupted()) {
            return interrupted_by(signal);
        }
        session.clock.pause(2, {});
    }
    return {};
}

int run_wait(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"timeout", true}}, 1, 1);
    Session session(context, parsed.names().front());
    const auto twin = choose_twin(session);
    auto config = session.configs[static_cast<std::size_t>(twin.parity)];
    config.ready_timeout = parsed.seconds("timeout").value_or(config.ready_timeout);
    SystemClock::watch_signals();
    session.reap_left();
    auto why =
        why_not_ready(twin, config, session.observer, session.clock, *session.progress);
    const bool ready = why.empty();
    if (ready) {
        why = why_not_reached(session, twin, config);
    }
    if (const int signal = session.clock.interrupted()) {
        context.err << "twinctl: " << why << '\n';
        return 128 + signal;
    }
    if (ready && !why.empty()) {
        context.err << "twinctl: " << why << '\n';
        return exit_code::kept;
    }
    if (!why.empty()) {
        const auto lines = session.observer.last_lines(config, 0);
        throw SystemError(lines.empty() ? why : why + "\n" + twin.str() + " said last:\n" + lines);
    }
    if (!context.quiet) {
        session.progress->note(twin.str() + " is ready (" + ports_text(config, twin.parity) + ")");
    }
    return exit_code::done;
}

}  // namespace

const Command wait_command{
    "wait", "wait until the pair is ready",
    "usage: twinctl wait NAME [--timeout S]\n"
    "\n"
    "Waits until the active twin of NAME is ready, as twin_ready says, and then until its public\n"
    "socket leads to it: exit 10 if that does not come about.\n"
    "\n"
    "  --timeout S  for how long, each (twin_ready_timeout)\n",
    run_wait};

}  // namespace twinctl
