// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstddef>
#include <functional>
#include <vector>

#include "core/error.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/context.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/session.hpp"
#include "twinctl/stale.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

namespace {

void apply_deadlines(const Parsed& parsed, std::vector<Config>& configs) {
    for (auto& config : configs) {
        config.ready_timeout = parsed.seconds("ready-timeout").value_or(config.ready_timeout);
        config.drain_timeout = parsed.seconds("drain-timeout").value_or(config.drain_timeout);
        config.quiesce_timeout = parsed.seconds("quiesce-timeout").value_or(config.quiesce_timeout);
    }
}

void show_swap(Context& context, const std::string& pair, const SwapOutcome& outcome) {
    if (outcome.exit == exit_code::done) {
        if (!context.quiet) {
            context.out << pair << ": " << (outcome.result == "nothing" ? "nothing to do, " : "swapped, ")
                        << outcome.message << '\n';
        }
    } else {
        context.err << "twinctl: " << pair << ": "
                    << (outcome.result == "swapped" ? "swapped, " : "not swapped: ")
                    << outcome.message << '\n';
    }
}

/// The one twin that is up, if a swap would bring nothing new; else empty.
std::string fresh_twin(Session& session) {
    const TwinView views[] = {session.observer.look({session.pair, 0}), session.observer.look({session.pair, 1})};
    if (views[0].is_up() == views[1].is_up()) {
        return {};
    }
    const int parity = views[1].is_up() ? 1 : 0;
    const TwinName twin{session.pair, parity};
    const auto why = why_stale(session.context.layout, twin, session.configs[static_cast<std::size_t>(parity)],
                               *views[parity].record);
    if (!why.empty() && !session.context.quiet) {
        session.progress->note(why);
    }
    return why.empty() ? twin.str() : "";
}

SwapOutcome swap_pair(Context& context, const std::string& pair, const Parsed& parsed,
                      bool progress) {
    Session session(context, pair, progress);
    apply_deadlines(parsed, session.configs);
    session.lock("swap");
    if (parsed.has("if-stale")) {
        session.make_swap().recover();
        if (const auto fresh = fresh_twin(session); !fresh.empty()) {
            SwapOutcome outcome;
            outcome.message = fresh + " is what it was started as";
            return outcome;
        }
    }
    return session.make_swap().run(parsed.has("leave-draining"));
}

int run_swap(Context& context, const Args& args) {
    const auto parsed = parse_arguments(
        args,
        {{"json"}, {"dry-run"}, {"leave-draining"}, {"if-stale"}, {"ready-timeout", true},
         {"quiesce-timeout", true}, {"drain-timeout", true}}, 1, 1);
    const auto& pair = parsed.names().front();
    if (parsed.has("dry-run")) {
        Session session(context, pair);
        apply_deadlines(parsed, session.configs);
        return show_plan(context, pair, session.make_swap().plan(), parsed.has("json"));
    }
    if (parsed.has("json")) {
        return answer_as_json(context, pair, [&] { return swap_pair(context, pair, parsed, false); });
    }
    const auto outcome = swap_pair(context, pair, parsed, true);
    show_swap(context, pair, outcome);
    return outcome.exit;
}

#define SWAP_OPTIONS                                                                              \
    "\n"                                                                                          \
    "  --ready-timeout S    how long the new twin may take to start, and then to become ready\n"   \
    "                       (twin_ready_timeout)\n"                                                \
    "  --quiesce-timeout S  how long handshakes with the old twin may last (twin_quiesce_timeout)\n" \
    "  --drain-timeout S    how long its connections may last (twin_drain_timeout)\n"             \
    "  --leave-draining     do not wait for them: a later command stops the old twin\n"           \
    "  --if-stale           only if program, configuration or initscript have changed\n"          \
    "  --dry-run            print the plan, change nothing\n"                                     \
    "  --json               print the outcome as one JSON object\n"

constexpr char restart_usage[] =
    "usage: twinctl restart NAME [--ready-timeout S] [--quiesce-timeout S] [--drain-timeout S]\n"
    "               [--leave-draining] [--if-stale] [--dry-run] [--json]\n"
    "\n"
    "A restart without a gap: the same as swap.\n" SWAP_OPTIONS;

constexpr char swap_usage[] =
    "usage: twinctl swap NAME [--ready-timeout S] [--quiesce-timeout S] [--drain-timeout S]\n"
    "               [--leave-draining] [--if-stale] [--dry-run] [--json]\n"
    "\n"
    "Starts the idle twin of NAME, waits until it is ready, points new connections at it, hangs\n"
    "up the active one, waits until its connections have ended, and stops it. Where the new twin\n"
    "fails it is stopped again, and the old one serves on (exit 10).\n" SWAP_OPTIONS;

}  // namespace

int show_plan(Context& context, const std::string& pair, const std::string& plan, bool json) {
    context.out << (json ? plan_json(pair, plan) : plan);
    return exit_code::done;
}

int answer_as_json(Context& context, const std::string& pair, const std::function<SwapOutcome()>& work) {
    SwapOutcome outcome;
    outcome.result = "refused";
    try {
        outcome = work();
    } catch (const InputError& error) {
        outcome.exit = exit_code::bad_input;
        outcome.message = error.what();
    } catch (const Busy& busy) {
        outcome.exit = exit_code::busy;
        outcome.message = busy.what();
    } catch (const SystemError& error) {
        outcome.exit = exit_code::failed;
        outcome.message = error.what();
    }
    context.out << outcome_json(pair, outcome);
    return outcome.exit;
}

const Command swap_command{"swap", "replace the active twin by the other one", swap_usage, run_swap};

const Command restart_command{"restart", "the same as swap", restart_usage, run_swap};

}  // namespace twinctl
