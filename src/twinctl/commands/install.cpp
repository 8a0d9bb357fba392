// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/context.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/neighbours.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

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
         {std::pair{"description", "description"}, {"command", "twin_command"}, {"args", "twin_args"},
          {"port", "twin_ports"}, {"public", "twin_public"}, {"user", "twin_user"}, {"ready", "twin_ready"}}) {
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

/// Checks what is about to be written as a later command will, and against the other pairs.
void check_lines(const Layout& layout, const std::string& pair, const ConfLines& lines) {
    Settings settings;
    for (const auto& [key, value] : lines) {
        if (!settings.emplace(key, value).second) {
            throw InputError("'" + key + "' is set twice");
        }
    }
    for (int parity = 0; parity < 2; ++parity) {
        const auto config = check_settings(layout, {pair, parity}, settings);
        if (const auto shared = shared_with_pair(layout, pair, config.ports, config.serving.publics); !shared.empty()) {
            throw InputError(shared);
        }
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

/// OpenRC would not notice a script of the same second as its dependency cache.
void refresh_dependencies(const Context& context) {
    if (context.layout.root.empty() && is_booted(context.layout.svcdir)) {
        run_program({{"rc-update", "-u"}, plain_environment(), 60000});
    }
}

/// What does not keep the pair from being installed, and will keep it from being started.
std::string why_no_start(const Layout& layout, const std::string& pair) {
    try {
        for (const auto& config : read_config(layout, pair)) {
            // A release brings its own.
            const auto why = config.releases.directory.empty() ? SystemObserver(layout).why_unstartable(config) : "";
            if (!why.empty()) {
                return why;
            }
        }
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

/// What is to be done that a pair that runs has what has been written; empty where it does not run.
std::string how_it_takes_effect(const Layout& layout, const std::string& pair) {
    const auto configs = read_config(layout, pair);
    for (int parity = 0; parity < 2; ++parity) {
        const auto view = SystemObserver(layout).look({pair, parity});
        if (!view.is_up()) {
            continue;
        }
        try {
            SystemFront(layout).check(configs[static_cast<std::size_t>(parity)], *view.record);
        } catch (const InputError& error) {
            return std::string(error.what()) + "; `rc-service " + pair + " restart` changes it, with a gap";
        } catch (const SystemError& error) {
            // What has been written stays written.
            return pair + " runs as it was started: " + error.what();
        }
        return pair + " runs as it was started until `twinctl swap " + pair + "`";
    }
    return {};
}

/// A service that runs could not be stopped any more, its script being another one.
void require_no_service(const Layout& layout, const std::string& pair, const std::vector<FileChange>& changes) {
    const auto script = layout.initscript(pair);
    const bool replaces = std::any_of(changes.begin(), changes.end(), [](const FileChange& change) {
        return change.kind != FileChange::Kind::Keep && change.path.ends_with("/replaced");
    });
    if (replaces && layout.root.empty() && service_state(layout.svcdir, pair) == ServiceState::Started) {
        throw InputError("the service " + pair + " is started by " + script + ", which would be replaced: `rc-service " +
                         pair + " stop` first, or give the pair another name, and `twinctl adopt " + pair + "`");
    }
}

/// What the administrator is to know beside what has been written.
void advise(Context& context, const std::string& pair, bool new_settings) {
    const auto why = why_no_start(context.layout, pair);
    const auto how = why.empty() && new_settings ? how_it_takes_effect(context.layout, pair) : "";
    if (!how.empty()) {
        context.out << how << '\n';
    }
    if (!why.empty()) {
        context.err << "twinctl: warning: " << why << '\n';
    }
}

int run_install(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args,
                                        {{"command", true},
                                         {"args", true},
                                         {"port", true},
                                         {"public", true},
                                         {"user", true},
                                         {"ready", true},
                                         {"description", true},
                                         {"set", true, true},
                                         {"enable", true, true},
                                         {"force"},
                                         {"dry-run"},
                                         {"json"}},
                                        1, 1);
    const auto& pair = parsed.names().front();
    const InstallWish wish{conf_lines(parsed), parsed.values("enable"), parsed.has("force")};
    check_lines(context.layout, pair, wish.lines);
    const auto changes = plan_install(context.layout, find_installation(), pair, wish);
    require_no_service(context.layout, pair, changes);
    if (parsed.has("dry-run")) {
        if (parsed.has("json")) {
            context.out << changes_json(pair, changes, true);
        } else {
            show_plan(context, changes);
        }
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
    const bool is_kept = std::any_of(changes.begin(), changes.end(), [&](const FileChange& change) {
        return change.path == context.layout.conf(pair) + ".new";
    });
    if (parsed.has("json")) {
        context.out << changes_json(pair, changes, false);
    } else if (!context.quiet && !is_kept) {
        context.out << pair << (any_change(changes) ? ": installed\n" : ": nothing to do\n");
    }
    if (context.layout.root.empty()) {
        const bool new_settings = std::any_of(changes.begin(), changes.end(), [](const FileChange& change) {
            return change.kind == FileChange::Kind::Write;
        });
        advise(context, pair, new_settings && !is_kept && !context.quiet && !parsed.has("json"));
    }
    return is_kept ? exit_code::kept : exit_code::done;
}

constexpr char install_usage[] =
    "usage: twinctl [--root DIR] install NAME [--command C] [--args A] [--port P] [--public P]\n"
    "               [--user U] [--ready R] [--description TEXT] [--set KEY=VALUE]...\n"
    "               [--enable RUNLEVEL]... [--force] [--dry-run] [--json]\n"
    "\n"
    "Writes /etc/init.d/NAME, links NAME.0 and NAME.1 to it, and writes /etc/conf.d/NAME. An edited\n"
    "configuration is never overwritten: the new one goes to NAME.new, and the exit status is 10.\n"
    "A second run with the same words changes nothing. A running pair has the new settings from its\n"
    "next swap on.\n"
    "\n"
    "  --command C         what runs (twin_command; NAME on PATH)\n"
    "  --args A            its arguments; {port}, {parity}, {twin}, {name} are replaced (twin_args)\n"
    "  --port P            the even base port, [ADDRESS:]PORT or NAME=PORT ... (twin_ports)\n"
    "  --public P          what clients are given, [ADDRESS:]PORT or unix:PATH (twin_public)\n"
    "  --user U            USER[:GROUP] that the service runs as (twin_user)\n"
    "  --ready R           listen, tcp, http:/PATH, exec:COMMAND or none (twin_ready)\n"
    "  --description TEXT  what rc-service describe says\n"
    "  --set KEY=VALUE     any other line of the configuration\n"
    "  --enable RUNLEVEL   add the pair to it, as rc-update does\n"
    "  --force             replace an initscript or link that twinctl did not write; uninstall puts\n"
    "                      the script back\n"
    "  --dry-run           print what would be written, change nothing\n"
    "  --json              print one JSON object\n";

}  // namespace

const Command install_command{"install", "set a pair up", install_usage, run_install};

}  // namespace twinctl
