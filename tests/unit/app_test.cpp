// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "catch.hpp"

#include <sstream>
#include <string>
#include <utility>

#include "twinctl/app.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"

using namespace twinctl;

namespace {

struct Said {
    int status;
    std::string out;
    std::string err;
};

Said say(const Args& args) {
    std::ostringstream out;
    std::ostringstream err;
    const int status = run_app(args, out, err, 0);
    return {status, out.str(), err.str()};
}

}  // namespace

TEST_CASE("without a command twinctl says how it is used", "[app]") {
    const auto said = say({});
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK(said.err == "usage: twinctl [--root DIR] [-q|-v] COMMAND [ARG...]\n"
                      "`twinctl help` lists the commands.\n");
}

TEST_CASE("help lists every command, and help COMMAND is its usage", "[app]") {
    const auto said = say({"help"});
    CHECK(said.status == 0);
    CHECK(said.err.empty());
    for (const auto* command : all_commands()) {
        INFO(command->name);
        CHECK(said.out.find(std::string("\n  ") + command->name + " ") != std::string::npos);
        CHECK(say({"help", command->name}).out == command->usage);
        CHECK(say({command->name, "--help"}).out == command->usage);
    }
}

TEST_CASE("bad words are one line and exit 2", "[app]") {
    const std::pair<Args, std::string> cases[] = {
        {{"dance"}, "twinctl: there is no command 'dance'; `twinctl help` lists them\n"},
        {{"--colour", "swap", "x"}, "twinctl: unknown option '--colour'\n"},
        {{"-q", "-v", "list"}, "twinctl: -q and -v exclude each other\n"},
        {{"--root"}, "twinctl: --root needs a directory\n"},
        {{"--root", "/nonexistent", "list"}, "twinctl: --root: '/nonexistent' is no directory\n"},
        {{"swap"}, "twinctl: the name of a pair is missing\n"},
        {{"swap", "a", "b"}, "twinctl: too many words: 'b'\n"},
        {{"swap", "a.b"},
         "twinctl: 'a.b' is no name for a pair: it has a dot, where OpenRC would cut the name of "
         "its configuration file; 'a-b' would do\n"},
        {{"swap", "web", "--jso"}, "twinctl: unrecognised option '--jso'; did you mean '--json'?\n"},
        {{"swap", "no-such-pair"},
         "twinctl: there is no pair no-such-pair: /etc/init.d/no-such-pair.0 is missing\n"},
        {{"install", "web", "--port"},
         "twinctl: the required argument for option '--port' is missing\n"},
        {{"install", "web", "--port", "8081"},
         "twinctl: /etc/conf.d/web: twin_ports: port '8081': odd; a base port is even, twin 1 takes "
         "the next one\n"},
        {{"install", "web", "--set", "novalue"},
         "twinctl: --set takes KEY=VALUE, not 'novalue'\n"},
        {{"install", "web", "--set", "twin_prot=1"},
         "twinctl: /etc/conf.d/web: twin_prot: there is no such key; did you mean 'twin_ports'?\n"},
        {{"install", "web", "--command", "a", "--set", "twin_command=b"},
         "twinctl: 'twin_command' is set twice\n"},
        {{"install", "web", "--command", "a", "--command", "b"},
         "twinctl: option '--command' is given twice\n"},
        {{"list", "x"}, "twinctl: too many words: 'x'\n"},
        {{"help", "a", "b"}, "twinctl: help takes one command at a time\n"},
    };
    for (const auto& [args, complaint] : cases) {
        const auto said = say(args);
        CHECK(said.status == 2);
        CHECK(said.out.empty());
        CHECK(said.err == complaint);
    }
}

TEST_CASE("a global option after the command is the command's own", "[app]") {
    CHECK(say({"list", "--root", "/"}).status == 2);
}
