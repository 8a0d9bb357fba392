// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/error.hpp"
#include "core/names.hpp"
#include "twinctl/adopt.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/system_world.hpp"

namespace twinctl {

namespace {

int run_adopt(Context& context, const Args& args) {
    const auto parsed = parse_arguments(
        args, {{"as", true}, {"signal", true}, {"drain-timeout", true}, {"dry-run"}, {"json"}}, 1, 1, false);
    const auto& service = parsed.names().front();
    const auto pair = parsed.value("as");
    if (const auto why = why_no_name(pair); !why.empty()) {
        throw InputError("--as needs the name of a pair" + (pair.empty() ? "" : ": '" + printable(pair) + "': " + why));
    }
    AdoptWish wish;
    wish.signal = parsed.value("signal");
    if (wish.signal.starts_with("SIG")) {
        wish.signal.erase(0, 3);
    }
    Session session(context, pair, !parsed.has("json"));
    wish.drain_timeout = parsed.seconds("drain-timeout").value_or(session.configs.front().drain_timeout);
    Adoption adoption(session, service, wish);
    if (parsed.has("dry-run")) {
        return show_plan(context, pair, adoption.plan(), parsed.has("json"));
    }
    SystemClock::watch_signals();
    const auto outcome = adoption.run();
    if (parsed.has("json")) {
        context.out << adopt_json(pair, service, outcome);
    } else if (outcome.result != "adopted") {
        context.err << "twinctl: " << pair << ": " << outcome.message << '\n';
    } else if (!context.quiet || outcome.exit != exit_code::done) {
        context.out << pair << ": " << outcome.message << '\n';
    }
    return outcome.exit;
}

constexpr char adopt_usage[] =
    "usage: twinctl adopt SERVICE --as NAME [--signal SIGNAL] [--drain-timeout S] [--dry-run]\n"
    "                     [--json]\n"
    "\n"
    "The pair NAME, installed with the public port of SERVICE, takes its place without a gap: NAME is\n"
    "started beside it, and when it is ready new connections are steered to NAME; SERVICE finishes those\n"
    "that it has and is stopped, and NAME takes its place in the runlevels. Where NAME does not get\n"
    "ready, SERVICE serves on (exit 10). One that was interrupted can be called again. The way back:\n"
    "stop NAME, start SERVICE, rc-update.\n"
    "\n"
    "  --as NAME          the pair; its endpoint must be steer\n"
    "  --signal SIGNAL    tells SERVICE to end gracefully: QUIT for nginx; none is sent otherwise\n"
    "  --drain-timeout S  how long its connections may last (twin_drain_timeout of NAME)\n"
    "  --dry-run          print the plan, change nothing\n"
    "  --json             print the outcome as one JSON object\n";

}  // namespace

const Command adopt_command{"adopt", "take the place of a service that runs", adopt_usage, run_adopt};

}  // namespace twinctl
