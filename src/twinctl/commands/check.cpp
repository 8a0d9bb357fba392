// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/context.hpp"
#include "twinctl/examine.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

int exit_code_of(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
               return finding.weight == Finding::Weight::Refusal;
           }) ? exit_code::bad_input : exit_code::done;
}

void show(Context& context, const std::string& pair, const std::vector<Finding>& findings,
          const std::string& plan) {
    for (const auto& finding : findings) {
        if (context.quiet && finding.weight == Finding::Weight::Fact) {
            continue;
        }
        context.out << pair << ": " << to_string(finding.weight) << ": " << finding.text;
        context.out << (finding.cure.empty() ? "" : "; cure: " + finding.cure) << '\n';
    }
    if (!plan.empty() && !context.quiet && exit_code_of(findings) == exit_code::done) {
        context.out << pair << ": the next swap would do this:\n";
        std::size_t begin = 0;
        for (auto end = plan.find('\n'); end != std::string::npos; end = plan.find('\n', begin)) {
            context.out << "  " << plan.substr(begin, end - begin + 1);
            begin = end + 1;
        }
    }
}

int run_check(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"json"}}, 1, 1);
    const auto& pair = parsed.names().front();
    std::vector<Finding> findings;
    std::string plan;
    if (context.layout.root.empty()) {
        Session session(context, pair, false);
        session.reap_left();
        findings = examine(session);
        try {
            plan = session.make_swap().plan();
        } catch (const SystemError&) {
            // Not running: it has been said.
        }
    } else {
        require_pair(context.layout, pair);
        findings = examine_files(context.layout, pair, read_config(context.layout, pair).front());
    }
    if (parsed.has("json")) {
        context.out << findings_json(pair, findings, plan);
    } else {
        show(context, pair, findings, plan);
    }
    return exit_code_of(findings);
}

}  // namespace

const Command check_command{
    "check", "say what is wrong with a pair, and what a swap would do",
    "usage: twinctl [--root DIR] check NAME [--json]\n"
    "\n"
    "Says which endpoint NAME has and could have on this kernel, what is wrong with its\n"
    "configuration, its ports and its twins, each in one line with its cure, and what the next\n"
    "swap would do. Exits with 2 if a swap would be refused. Changes nothing.\n"
    "\n"
    "  --json  print one JSON object\n",
    run_check};

}  // namespace twinctl
