// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "core/error.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/deploy.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

void show_deployment(Context& context, const std::string& pair, const SwapOutcome& outcome) {
    if (outcome.exit != exit_code::done) {
        context.err << "twinctl: " << pair << ": " << outcome.message << '\n';
    } else if (!context.quiet) {
        context.out << pair << ": "
                    << (outcome.result == "nothing" ? "nothing to do, " : "release " + outcome.release + " is live, ")
                    << outcome.message << '\n';
    }
}

int run_deploy(Context& context, const Args& args) {
    // What comes after NAME is no name of a pair.
    Args words;
    std::string what;
    int names = 0;
    for (const auto& word : args) {
        if (!word.starts_with("-") && ++names == 2) {
            what = word;
        } else {
            words.push_back(word);
        }
    }
    const auto parsed = parse_arguments(words, {{"json"}, {"dry-run"}, {"again"}, {"unless-stopped"}}, 1, 1);
    const auto& pair = parsed.names().front();
    if (names < 2) {
        throw InputError("deploy needs the release: twinctl deploy " + pair + " ID|DIR");
    }
    if (parsed.has("dry-run")) {
        Session session(context, pair);
        return show_plan(context, pair, Deployment(session, what).plan(), parsed.has("json"));
    }
    const DeployWish wish{parsed.has("again"), parsed.has("unless-stopped")};
    if (parsed.has("json")) {
        return answer_as_json(context, pair, [&] {
            Session session(context, pair, false);
            return Deployment(session, what).run(wish);
        });
    }
    Session session(context, pair);
    const auto outcome = Deployment(session, what).run(wish);
    show_deployment(context, pair, outcome);
    return outcome.exit;
}

}  // namespace

const Command deploy_command{
    "deploy", "bring a release to a pair, losing nothing",
    "usage: twinctl deploy NAME ID|DIR [--again] [--unless-stopped] [--dry-run] [--json]\n"
    "\n"
    "Takes the upload ID, or the directory DIR (it has a slash), over as a release of NAME, checks it\n"
    "against its SHA256SUMS, runs its twin-check, points the idle twin at it and swaps. A release\n"
    "that is refused (exit 2) or does not run (exit 10) goes to quarantine, by its content, and the\n"
    "old one serves on. A pair that is stopped is started with it.\n"
    "\n"
    "  --again           also if it was refused before\n"
    "  --unless-stopped  leave a pair that is stopped alone, unless this is its first release\n"
    "  --dry-run         read it and print the plan, change nothing\n"
    "  --json            print the outcome as one JSON object\n",
    run_deploy};

}  // namespace twinctl
