// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "core/release.hpp"
#include "core/trust.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/release_store.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

/// The release that was active before this one. Throws NothingBefore.
std::string release_before(Session& session, const NothingBefore& otherwise) {
    const auto& directory = session.configs.front().releases.directory;
    if (directory.empty()) {
        throw otherwise;
    }
    auto id = read_own_file_if_any(session.context.layout.release_before(session.pair)).value_or("");
    if (id.ends_with("\n")) {
        id.pop_back();
    }
    if (!why_no_release_id(id).empty()) {
        throw NothingBefore("there is nothing to go back to: " + session.pair + " has run one release only");
    }
    if (!ReleaseStore(directory).has(id)) {
        throw NothingBefore("there is nothing to go back to: release " + id + " has been removed");
    }
    return id;
}

/// To the twin that still can serve as it is, or else to the release before.
SwapOutcome roll_back(Session& session) {
    try {
        return session.make_swap().roll_back();
    } catch (const NothingBefore& nothing) {
        const auto id = release_before(session, nothing);
        return session.make_swap().run(false, id);
    }
}

int run_rollback(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"json"}, {"drain-timeout", true}}, 1, 1);
    const bool json = parsed.has("json");
    Session session(context, parsed.names().front(), !json);
    for (auto& config : session.configs) {
        config.drain_timeout = parsed.seconds("drain-timeout").value_or(config.drain_timeout);
    }
    session.lock("rollback");
    const auto outcome = roll_back(session);
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
    "rollback", "go back to the twin, or the release, that served before",
    "usage: twinctl rollback NAME [--drain-timeout S] [--json]\n"
    "\n"
    "Undoes a swap that was interrupted before the old twin was hung up, or takes back a twin that\n"
    "was left draining without a hang-up. A pair that has releases is swapped to the release that\n"
    "was active before. Where there is nothing to go back to it says so (exit 2).\n"
    "\n"
    "  --drain-timeout S  how long the connections of the twin that goes may last\n"
    "  --json             print the outcome as one JSON object\n",
    run_rollback};

}  // namespace twinctl
