// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <vector>

#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/rehearsal.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

void show(Context& context, const TwinName& twin, const std::vector<Promise>& promises) {
    for (const auto& promise : promises) {
        if (context.quiet && promise.result == Promise::Result::Kept) {
            continue;
        }
        context.out << twin.str() << ": " << to_string(promise.result) << ": " << promise.name
                    << (promise.text.empty() ? "" : ": " + promise.text) << '\n';
    }
}

int run_rehearse(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"json"}}, 1, 1);
    Session session(context, parsed.names().front(), false);
    session.lock("rehearse");
    session.make_swap().recover();
    Rehearsal rehearsal(session);
    const auto promises = rehearsal.run();
    if (parsed.has("json")) {
        context.out << promises_json(rehearsal.twin(), promises);
    } else {
        show(context, rehearsal.twin(), promises);
    }
    return std::any_of(promises.begin(), promises.end(),
                       [](const Promise& promise) { return promise.result == Promise::Result::Broken; })
               ? exit_code::kept
               : exit_code::done;
}

}  // namespace

const Command rehearse_command{
    "rehearse", "try the contract on the idle twin",
    "usage: twinctl rehearse NAME [--json]\n"
    "\n"
    "Starts the idle twin of NAME beside the active one, out of the clients' reach (a balancer that\n"
    "tries both parity ports reaches it), tries every promise of twin-service(7) on it, and stops\n"
    "it again. Says of each whether it was kept, and exits with 10 if one was broken.\n"
    "\n"
    "  --json  print one JSON object\n",
    run_rehearse};

}  // namespace twinctl
