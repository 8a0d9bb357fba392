// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// The command lines of twinctl and of twin-exec: a word a line.
#include <sys/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/endpoint.hpp"
#include "core/names.hpp"
#include "core/user.hpp"
#include "core/words.hpp"
#include "directory.hpp"
#include "input.hpp"
#include "twin-exec/options.hpp"
#include "twinctl/app.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/context.hpp"

using namespace twinctl;
using fuzz::Input;
using fuzz::require;

namespace {

Args words_of(Input& input) {
    Args words;
    while (!input.empty()) {
        words.push_back(fuzz::unseparated(input.line(), '\n'));
        // An argument ends at its first zero.
        words.back().resize(words.back().find('\0') == std::string::npos ? words.back().size()
                                                                          : words.back().find('\0'));
    }
    return words;
}

void check_user(const std::string& user) {
    Identity identity;
    if (fuzz::takes([&] { identity = find_identity(user); })) {
        // To setresuid(2) these mean to stay what one is: root.
        require(identity.uid != static_cast<uid_t>(-1), "a user is not -1");
        require(identity.gid != static_cast<gid_t>(-1), "a group is not -1");
    }
}

void try_twin_exec(Input& input) {
    const auto words = words_of(input);
    std::vector<const char*> argv;
    for (const auto& word : words) {
        argv.push_back(word.c_str());
    }
    Options options;
    const bool taken = fuzz::takes([&] {
        options = parse_options(static_cast<int>(argv.size()), argv.data());
    });
    if (!taken || options.mode == Mode::Help || options.mode == Mode::Version) {
        return;
    }
    require(why_no_name(options.twin.pair).empty(), "twin-exec takes only names of pairs");
    require(options.twin.parity == 0 || options.twin.parity == 1, "a parity is 0 or 1");
    require(options.mode != Mode::Lock || options.lock_fd > 2, "a lock has a descriptor");
    require(options.wait_s >= 0 && options.wait_attempts >= 0, "no time is negative");
    require(options.command.empty() == (options.serving.words.empty()), "a command is its words");
    fuzz::takes([&] { choose_endpoint(options.serving, ""); });
    for (const auto& word : options.command) {
        fuzz::takes([&] { replace_placeholders(word, options.twin, options.serving.ports, {"main"}); });
    }
    if (!options.user.empty()) {
        check_user(options.user);
    }
}

/// In an image that is empty and stays so: nothing of this machine is read or changed.
void try_twinctl(Input& input) {
    static const fuzz::Directory image;
    Args args{"--root", image.layout().root};
    for (auto& word : words_of(input)) {
        if (word.starts_with("--root")) {
            return;
        }
        args.push_back(std::move(word));
        if (args.back() == "install" || args.back() == "uninstall") {
            args.emplace_back("--dry-run");
        }
    }
    std::ostringstream out;
    std::ostringstream err;
    const int status = run_app(args, out, err, 0);
    require(status >= 0 && status <= 3, "twinctl exits with 0, 1, 2 or 3 where nothing can be done");
    require(status != 0 || err.str().empty(), "who succeeds does not complain");
    // With --json the reason is part of the answer.
    require(!err.str().empty() || !out.str().empty() || status == 0, "who fails says why");
    require(err.str().empty() || err.str().back() == '\n', "a message ends its line");
    require(!fuzz::has_control(err.str()), "a message has no control characters");
    require(image.empty(), "nothing was written");
}

void try_options(Input& input) {
    const auto args = words_of(input);
    fuzz::takes([&] {
        const auto parsed = parse_arguments(args, {{"set", true, true}, {"timeout", true}, {"json"}}, 0, 2);
        require(parsed.names().size() <= 2, "no more names than asked for");
        for (const auto& name : parsed.names()) {
            require(why_no_name(name).empty(), "a name is one");
        }
        require(parsed.values("timeout").size() <= 1, "what is not repeatable is there once");
        require(parsed.values("json").empty(), "a flag has no value");
        require(!parsed.has("pair names"), "what the names stand under is no option");
        const auto flags = static_cast<std::size_t>(std::count(args.begin(), args.end(), "--json"));
        require(!parsed.has("json") || flags > 0, "no option is there that nobody gave");
        std::size_t meant = parsed.names().size() + (parsed.has("json") ? flags : 0);
        meant += parsed.values("set").size() + parsed.values("timeout").size();
        // A value may be a word of its own, or be "--json"; -- is none of them.
        require(meant <= args.size() && args.size() <= 2 * meant + 1 + flags, "every word means something");
        const auto seconds = parsed.seconds("timeout").value_or(0);
        require(seconds >= 0 && seconds <= 86400, "seconds are within their bounds");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.kind(3)) {
        case 0: try_twin_exec(input); break;
        case 1: try_twinctl(input); break;
        default: try_options(input); break;
    }
    return 0;
}
