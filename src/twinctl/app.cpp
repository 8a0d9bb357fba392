// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/app.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <ios>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/trust.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/nearest.hpp"
#include "twinctl/plain_stream.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"
#include "twinctl_version.hpp"

namespace twinctl {

namespace {

constexpr char usage_of_help[] =
    "usage: twinctl help [COMMAND]\n"
    "\n"
    "Lists the commands, or says what one of them does.\n";

constexpr char usage_line[] = "usage: twinctl [--root DIR] [-q|-v] COMMAND [ARG...]\n";

const Command* find_command(const std::string& name) {
    for (const auto* command : all_commands()) {
        if (name == command->name) {
            return command;
        }
    }
    return nullptr;
}

const Command& require_command(const std::string& name) {
    if (const auto* command = find_command(name)) {
        return *command;
    }
    if (name == "reload") {
        throw InputError("there is no command 'reload': `twinctl swap NAME` does that, and so does `rc-service NAME reload`");
    }
    std::vector<std::string> names;
    for (const auto* command : all_commands()) {
        names.emplace_back(command->name);
    }
    auto hint = did_you_mean(name, names);
    throw InputError("there is no command '" + printable(name) + "'" +
                     (hint.empty() ? "; `twinctl help` lists them" : hint));
}

int help(const Args& args, std::ostream& out) {
    if (args.size() > 1) {
        throw InputError("help takes one command at a time");
    }
    if (!args.empty()) {
        out << (args.front() == "help" ? usage_of_help : require_command(args.front()).usage);
        return exit_code::done;
    }
    out << usage_line << '\n';
    for (const auto* command : all_commands()) {
        out << "  " << std::left << std::setw(11) << command->name << command->summary << '\n';
    }
    out << "\n"
           "  --root DIR       work on the tree of an image (install, uninstall, list, check, render)\n"
           "  -q, --quiet      print only what went wrong\n"
           "  -v, --verbose    print what rc-service prints, too\n"
           "  --help, --version\n"
           "\n`twinctl help COMMAND` says more; twinctl(8) says all.\n";
    return exit_code::done;
}

void require_whole(const std::string& root) {
    for (const auto* path : {"/etc", "/etc/init.d", "/etc/conf.d", "/etc/runlevels", "/run", "/var", "/var/lib",
                             "/var/lib/twin", "/var/log", "/var/log/twin"}) {
        require_beneath(root, root + path);
    }
    for (const auto& level : names_in(root + "/etc/runlevels")) {
        require_beneath(root, root + "/etc/runlevels/" + level);
    }
}

void set_root(Context& context, std::string root) {
    if (access((root + "/").c_str(), X_OK) != 0) {
        throw InputError("--root: '" + printable(root) + "' is no directory");
    }
    while (!root.empty() && root.back() == '/') {
        root.pop_back();
    }
    context.layout.root = root;
    require_whole(root);
}

/// Globals are parsed up to the first word that is no option: what comes after it is the
/// command's own. Returns how many words they took.
std::size_t parse_globals(const Args& args, Context& context) {
    std::size_t at = 0;
    for (; at < args.size() && args[at].size() > 1 && args[at][0] == '-'; ++at) {
        const auto& word = args[at];
        if (word == "-q" || word == "--quiet") {
            context.quiet = true;
        } else if (word == "-v" || word == "--verbose") {
            context.verbose = true;
        } else if (word == "--root" || word.starts_with("--root=")) {
            if (word == "--root" && ++at == args.size()) {
                throw InputError("--root needs a directory");
            }
            set_root(context, word == "--root" ? args[at] : word.substr(word.find('=') + 1));
        } else if (word == "--help" || word == "-h" || word == "--version") {
            return at;
        } else {
            throw InputError("unknown option '" + printable(word) + "'");
        }
    }
    if (context.quiet && context.verbose) {
        throw InputError("-q and -v exclude each other");
    }
    return at;
}

int dispatch(const Args& args, Context& context) {
    const auto at = parse_globals(args, context);
    if (at == args.size()) {
        context.err << usage_line << "`twinctl help` lists the commands.\n";
        return exit_code::bad_input;
    }
    if (args[at] == "--help" || args[at] == "-h") {
        return help({args.begin() + static_cast<std::ptrdiff_t>(at) + 1, args.end()}, context.out);
    }
    if (args[at] == "--version") {
        context.out << "twinctl " TWINCTL_VERSION "\n";
        return exit_code::done;
    }
    const Args rest(args.begin() + static_cast<std::ptrdiff_t>(at) + 1, args.end());
    if (args[at] == "help") {
        return help(rest, context.out);
    }
    const auto& command = require_command(args[at]);
    if (std::find(rest.begin(), rest.end(), "--help") != rest.end()) {
        context.out << command.usage;
        return exit_code::done;
    }
    return command.run(context, rest);
}

}  // namespace

const std::vector<const Command*>& all_commands() {
    static const std::vector<const Command*> commands = {
        &install_command, &uninstall_command, &start_command, &stop_command, &restart_command,
        &swap_command,    &rollback_command,  &status_command, &list_command,
        &wait_command,    &check_command,     &rehearse_command, &render_command,
        &deploy_command,  &autodeploy_command, &adopt_command,
    };
    return commands;
}

int run_app(const Args& args, std::ostream& out, std::ostream& err, unsigned columns) {
    // What services and other programs say ends up here, too.
    PlainStream plain_out(out);
    PlainStream plain_err(err);
    plain_err.tie(&plain_out);
    Context context{{}, false, false, plain_out, plain_err, out, columns};
    // OpenRC tells its scripts, and what they call, where its state is.
    if (const char* svcdir = std::getenv("RC_SVCDIR"); svcdir != nullptr && svcdir[0] == '/') {
        context.layout.svcdir = svcdir;
    }
    try {
        return dispatch(args, context);
    } catch (const InputError& error) {
        plain_err << "twinctl: " << error.what() << '\n';
        return exit_code::bad_input;
    } catch (const Busy& busy) {
        plain_err << "twinctl: " << busy.what() << '\n';
        return exit_code::busy;
    } catch (const std::exception& error) {
        plain_err << "twinctl: " << error.what() << '\n';
        return exit_code::failed;
    }
}

}  // namespace twinctl
