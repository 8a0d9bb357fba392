// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>

#include "core/error.hpp"
#include "core/openrc.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/session.hpp"

namespace twinctl {

namespace {

bool is_variable(const std::string& key) {
    return !key.empty() && !(key[0] >= '0' && key[0] <= '9') &&
           std::all_of(key.begin(), key.end(), [](char c) {
               return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9');
           });
}

ConfLines conf_lines(const Parsed& parsed) {
    ConfLines lines;
    for (const auto& [option, key] :
         {std::pair{"command", "twin_command"}, {"args", "twin_args"}, {"port", "twin_ports"},
          {"user", "twin_user"}}) {
        if (parsed.has(option)) {
            lines.emplace_back(key, parsed.value(option));
        }
    }
    for (const auto& setting : parsed.values("set")) {
        const auto equals = setting.find('=');
        const auto key = setting.substr(0, equals);
        if (equals == std::string::npos || !is_variable(key)) {
            throw InputError("--set takes KEY=VALUE, not '" + printable(setting) + "'");
        }
        lines.emplace_back(key, setting.substr(equals + 1));
    }
    return lines;
}

/// What is about to be written is checked as it will be when it is read.
void check_lines(const Layout& layout, const std::string& pair, const ConfLines& lines) {
    Settings settings;
    for (const auto& [key, value] : lines) {
        if (!settings.emplace(key, value).second) {
            throw InputError("'" + key + "' is set twice");
        }
    }
    for (int parity = 0; parity < 2; ++parity) {
        check_settings(layout, {pair, parity}, settings);
    }
}

void show_plan(Context& context, const std::vector<FileChange>& changes) {
    for (const auto& change : changes) {
        if (change.kind == FileChange::Kind::Link) {
            context.out << "link " << change.path << " -> " << change.content << '\n';
        } else if (change.kind == FileChange::Kind::Write) {
            context.out << "write " << change.path << '\n' << change.content;
        }
    }
}

bool any_change(const std::vector<FileChange>& changes) {
    return std::any_of(changes.begin(), changes.end(), [](const FileChange& change) {
        return change.kind != FileChange::Kind::Keep;
    });
}

/// OpenRC would not notice a script of the same second as its dependency cache.
void refresh_dependencies(const Context& context) {
    if (context.layout.root.empty() && is_booted(context.layout.svcdir)) {
        run_program({{"rc-update", "-u"}, plain_environment(), 60000});
    }
}

int run_install(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args,
                                        {{"command", true},
                                         {"args", true},
                                         {"port", true},
                                         {"user", true},
                                         {"set", true, true},
                                         {"force"},
                                         {"dry-run"}},
                                        1, 1);
    const auto& pair = parsed.names().front();
    const auto lines = conf_lines(parsed);
    check_lines(context.layout, pair, lines);
    const auto changes = plan_install(context.layout, find_installation(), pair, lines,
                                      parsed.has("force"));
    if (parsed.has("dry-run")) {
        show_plan(context, changes);
        return exit_code::done;
    }
    if (any_change(changes)) {
        require_root();
        apply(changes);
        refresh_dependencies(context);
    }
    for (const auto& change : changes) {
        if (!change.note.empty()) {
            context.err << "twinctl: " << change.note << "; see " << change.path << '\n';
        }
    }
    if (!context.quiet) {
        context.out << pair << (any_change(changes) ? ": installed\n" : ": nothing to do\n");
    }
    return exit_code::done;
}

constexpr char usage[] =
    "usage: twinctl [--root DIR] install NAME [--command C] [--args A] [--port P] [--user U]\n"
    "               [--set KEY=VALUE]... [--force] [--dry-run]\n"
    "\n"
    "Writes /etc/init.d/NAME, links NAME.0 and NAME.1 to it, and writes /etc/conf.d/NAME if there\n"
    "is none. An edited configuration is never overwritten: the new one goes to NAME.new. A second\n"
    "run with the same words changes nothing.\n"
    "\n"
    "  --command C      what runs (twin_command; NAME on PATH)\n"
    "  --args A         its arguments; {port}, {parity}, {twin}, {name} are replaced (twin_args)\n"
    "  --port P         the even base port, [ADDRESS:]PORT or NAME=PORT ... (twin_ports)\n"
    "  --user U         USER[:GROUP] that the service runs as (twin_user)\n"
    "  --set KEY=VALUE  any other line of the configuration\n"
    "  --force          replace an initscript or link that twinctl did not write\n"
    "  --dry-run        print what would be written, change nothing\n";

}  // namespace

const Command install_command{"install", "set a pair up", usage, run_install};

}  // namespace twinctl
