// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <getopt.h>

#include <cerrno>
#include <charconv>
#include <map>
#include <sstream>
#include <system_error>

#include "calls.hpp"

namespace twinctl {

const char* const usage_text =
    R"(usage: fault [OPTION...] COMMAND [ARG...]
Runs COMMAND, counts the system calls by which it and its descendants change the world (files,
processes, signals, sockets, mounts, BPF), and lets one of them go wrong.

  --list FILE      writes them down: number, pid, call, paths
  --kill-at K      SIGKILL before the K-th is made
  --who WHO        kills self (whoever makes it), first (COMMAND's own process) or all (first)
  --fail-at K      the K-th is not made, and fails
  --fail-on        and so do all after it
  --errno NAME     with ENOSPC, EROFS, EIO, ENOMEM, EMFILE or EPERM (EIO)
  --match CALL,... counts these calls only
  --path PREFIX    counts those only that name a path beginning so
  --only-first     counts those of COMMAND's own process only, and follows no other
  --let-go NAME    lets a process go that executes a program of this name: a service, which is to
                   live on
  --help

It ends with COMMAND's own process; whoever is left then goes on untraced.
Exit: COMMAND's own status, 128+N where a signal ended it; 120 usage, 121 it cannot trace.
)";

namespace {

unsigned long number(const std::string& text, const std::string& option) {
    unsigned long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
        throw UsageError(option + ": a number from 1 on expected, not '" + text + "'");
    }
    return value;
}

Who parse_who(const std::string& text) {
    static const std::map<std::string, Who> words = {
        {"self", Who::Self}, {"first", Who::First}, {"all", Who::All}};
    const auto found = words.find(text);
    if (found == words.end()) {
        throw UsageError("--who: self, first or all expected, not '" + text + "'");
    }
    return found->second;
}

int parse_error(const std::string& text) {
    static const std::map<std::string, int> names = {{"ENOSPC", ENOSPC}, {"EROFS", EROFS},
                                                     {"EIO", EIO},       {"ENOMEM", ENOMEM},
                                                     {"EMFILE", EMFILE}, {"EPERM", EPERM}};
    const auto found = names.find(text);
    if (found == names.end()) {
        throw UsageError("--errno: '" + text + "' is not known");
    }
    return found->second;
}

std::vector<std::string> parse_calls(const std::string& text) {
    std::vector<std::string> calls;
    std::istringstream in(text);
    for (std::string call; std::getline(in, call, ',');) {
        if (!is_known_call(call)) {
            throw UsageError("--match: '" + call + "' is no call that is counted");
        }
        calls.push_back(call);
    }
    return calls;
}

}  // namespace

Options parse_options(int argc, char** argv) {
    static const option known[] = {
        {"help", no_argument, nullptr, 'h'},          {"list", required_argument, nullptr, 'l'},
        {"kill-at", required_argument, nullptr, 'k'}, {"who", required_argument, nullptr, 'w'},
        {"fail-at", required_argument, nullptr, 'f'}, {"fail-on", no_argument, nullptr, 'o'},
        {"errno", required_argument, nullptr, 'e'},   {"match", required_argument, nullptr, 'm'},
        {"path", required_argument, nullptr, 'p'},    {"only-first", no_argument, nullptr, '1'},
        {"let-go", required_argument, nullptr, 'g'},  {nullptr, 0, nullptr, 0},
    };
    Options options;
    options.error = EIO;
    opterr = 0;
    for (int word = 0; (word = getopt_long(argc, argv, "+", known, nullptr)) != -1;) {
        const std::string value = optarg == nullptr ? "" : optarg;
        switch (word) {
            case 'h': options.help = true; break;
            case 'l': options.list = value; break;
            case 'k': options.kill_at = number(value, "--kill-at"); break;
            case 'w': options.who = parse_who(value); break;
            case 'f': options.fail_at = number(value, "--fail-at"); break;
            case 'o': options.fail_on = true; break;
            case 'e': options.error = parse_error(value); break;
            case 'm': options.calls = parse_calls(value); break;
            case 'p': options.path = value; break;
            case '1': options.only_first = true; break;
            case 'g': options.let_go = value; break;
            default: throw UsageError(std::string("unknown option, or no value: ") + argv[optind - 1]);
        }
    }
    options.command.assign(argv + optind, argv + argc);
    if (options.command.empty() && !options.help) {
        throw UsageError("there is no COMMAND");
    }
    return options;
}

}  // namespace twinctl
