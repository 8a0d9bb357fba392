// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/error.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/outcome_json.hpp"
#include "twinctl/session.hpp"

namespace twinctl {

namespace {

int run_rollback(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"json"}, {"drain-timeout", true}}, 1, 1);
    const bool json = parsed.has("json");
    Session session(context, parsed.names().front(), !json);
    for (auto& config : session.configs) {
        config.drain_timeout = parsed.seconds("drain-timeout").value_or(config.drain_timeout);
    }
    session.lock("rollback");
    const auto outcome = session.make_swap().roll_back();
    if (json) {
        context.out << outcome_json(session.pair, outcome);
    } else if (outcome.exit != exit_code::done) {
        context.err << "twinctl: " << session.pair << ": " << outcome.message << '\n';
    } else if (!context.quiet) {
        context.out << session.pair << ": rolled back, " << outcome.message << '\n';
    }
    return outcome.exit;
}

}  // namespace

const Command rollback_command{
    "rollback", "go back to the twin that served before",
    "usage: twinctl rollback NAME [--drain-timeout S] [--json]\n"
    "\n"
    "Undoes a swap that was interrupted before the old twin was hung up, or takes back a twin that\n"
    "was left draining without a hang-up. Where there is nothing to go back to it says so (exit 2).\n"
    "\n"
    "  --drain-timeout S  how long the connections of the twin that goes may last\n"
    "  --json             print the outcome as one JSON object\n",
    run_rollback};

}  // namespace twinctl
