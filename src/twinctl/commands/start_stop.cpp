// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/system_world.hpp"

namespace twinctl {

namespace {

/// Two supervisors and a twin, 20 s each.
constexpr int reap_timeout_ms = 90000;

/// Runs rc-service on the pair and shows what it printed.
int run_rc_service(Session& session, const std::vector<std::string>& words) {
    std::string output;
    const bool done = session.rc.run(session.pair, words, output, 0);
    if (!output.empty() && (!done || !session.context.quiet)) {
        (done ? session.context.out : session.context.err) << output << '\n';
    }
    return done ? exit_code::done : exit_code::failed;
}

void require_pair_script(const Session& session) {
    const auto script = session.context.layout.initscript(session.pair);
    if (!exists(script)) {
        throw InputError(script + " is missing: twins that were linked by hand are started and "
                                  "stopped by rc-service " + session.pair + ".0 or .1");
    }
}

/// The twin that is up alone; nothing if both are, or none.
std::optional<int> only_one_up(Session& session) {
    const bool up[2] = {session.observer.look({session.pair, 0}).is_up(),
                        session.observer.look({session.pair, 1}).is_up()};
    return up[0] == up[1] ? std::nullopt : std::optional(up[1] ? 1 : 0);
}

/// A twin that was started by hand while the pair was being stopped is the active one, whatever was
/// noted before: the next boot is to start it.
void note_active(Session& session) {
    const auto only = only_one_up(session);
    if (!only || session.notebook.active(session.pair) == only) {
        return;
    }
    try {
        session.lock("start");
        if (only_one_up(session) == only) {
            session.notebook.set_active(session.pair, *only);
        }
        session.unlock();
    } catch (const Busy&) {
        // Whoever has the pair notes it.
    }
}

/// A service that closed its listener and opened it anew is where a steered port does not lead.
void mend_endpoint(Session& session) {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session.pair, parity};
        if (session.notebook.active(session.pair) == parity && session.observer.look(twin).is_up() &&
            !session.front.leads_to(twin)) {
            session.lock("start");
            session.front.steer_to(twin);
            session.unlock();
            session.progress->note("the public port leads to " + twin.str() + " again");
        }
    }
}

int run_start(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"dry-run"}}, 1, 1);
    Session session(context, parsed.names().front());
    if (!parsed.has("dry-run")) {
        session.reap_left();
        if (const auto journal = session.notebook.read_journal(session.pair); journal && !journal->left) {
            session.lock("start");
            session.make_swap().recover();
            session.unlock();
        }
    }
    require_pair_script(session);
    const auto words = session.start_words();
    if (parsed.has("dry-run")) {
        context.out << "rc-service " << session.pair << (words.size() == 2 ? " zap start\n" : " start\n");
        return exit_code::done;
    }
    const int status = run_rc_service(session, words);
    if (status == exit_code::done) {
        note_active(session);
        mend_endpoint(session);
    }
    return status;
}

/// Where OpenRC does not load the configuration it does not stop the pair either: both twins are ended by their records.
int stop_without_configuration(Context& context, const std::string& pair, const std::string& why) {
    require_root();
    require_booted(context.layout);
    context.err << "twinctl: warning: " << why << '\n';
    ProcessRcService rc(context.layout.svcdir, context.verbose ? &context.err : nullptr);
    std::string output;
    if (rc.run(pair, {"stop"}, output, 0)) {
        return exit_code::done;
    }
    const auto twin_exec = find_installation().twin_exec;
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{pair, parity};
        const auto result = run_program({{twin_exec, "--reap", twin.str()}, plain_environment(), reap_timeout_ms});
        if (result.status != 0) {
            throw SystemError(twin.str() + " cannot be stopped:\n" + output + "\n" + result.output);
        }
        rc.run(twin.str(), {"zap"}, output, 0);
    }
    rc.run(pair, {"zap"}, output, 0);
    FileNotebook(context.layout).clear_journal(pair);
    context.err << "twinctl: " << pair << " is stopped; what needs it was not asked\n";
    return exit_code::done;
}

int run_stop(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"dry-run"}}, 1, 1);
    const auto& pair = parsed.names().front();
    std::optional<Session> whole;
    require_running_system(context);
    require_pair(context.layout, pair);
    try {
        whole.emplace(context, pair);
    } catch (const InputError& error) {
        if (parsed.has("dry-run")) {
            throw;
        }
        return stop_without_configuration(context, pair, error.what());
    }
    Session& session = *whole;
    require_pair_script(session);
    const bool any_alive = session.observer.look({session.pair, 0}).alive ||
                           session.observer.look({session.pair, 1}).alive;
    const bool marked = service_state(context.layout.svcdir, session.pair) != ServiceState::Stopped;
    if (parsed.has("dry-run")) {
        context.out << "rc-service " << session.pair << " stop\n";
        return exit_code::done;
    }
    session.make_swap().adopt_forgotten();
    if (any_alive && !marked) {
        // OpenRC would say that it is stopped already. Its start finds the twin and starts none.
        std::string output;
        session.rc.run(session.pair, {"start"}, output, 0);
    }
    const int status = run_rc_service(session, {"stop"});
    for (int parity = 0; parity < 2; ++parity) {
        // One that has crashed, in a pair that is marked stopped, is stopped by nobody else.
        const TwinName twin{session.pair, parity};
        const auto view = session.observer.look(twin);
        std::string output;
        if (status == exit_code::done && !view.alive && view.state != ServiceState::Stopped &&
            !session.rc.run(twin.str(), {"stop"}, output, 0)) {
            throw SystemError(twin.str() + " cannot be stopped:\n" + output);
        }
    }
    for (int parity = 0; parity < 2; ++parity) {
        const auto view = session.observer.look({session.pair, parity});
        if (status == exit_code::done && view.alive) {
            throw SystemError(TwinName{session.pair, parity}.str() + " is still alive as pid " +
                              std::to_string(view.record->process.pid));
        }
    }
    if (status == exit_code::done) {
        try {
            session.lock("stop");
            session.notebook.clear_journal(session.pair);
        } catch (const Busy&) {
            // Somebody is at the pair again already: what is written down now is his.
        }
    }
    return status;
}

}  // namespace

const Command start_command{
    "start", "start the twin that was active last",
    "usage: twinctl start NAME [--dry-run]\n"
    "\n"
    "Starts NAME by `rc-service NAME start`: the twin that was active last, else twin 0. A swap\n"
    "that was interrupted is finished or undone first.\n",
    run_start};

const Command stop_command{
    "stop", "stop both twins",
    "usage: twinctl stop NAME [--dry-run]\n"
    "\n"
    "Stops NAME by `rc-service NAME stop`: what needs NAME, then both twins.\n",
    run_stop};

}  // namespace twinctl
