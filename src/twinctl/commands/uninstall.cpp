// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <dirent.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "core/steer.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

void require_stopped(const Layout& layout, const std::string& pair) {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{pair, parity};
        const auto record = read_record(layout, twin);
        if ((record && is_alive(record->process)) ||
            service_state(layout.svcdir, twin.str()) != ServiceState::Stopped) {
            throw SystemError(twin.str() + " is not stopped: `twinctl stop " + pair + "` first");
        }
    }
}

/// Entries of the pair in runlevels would be left dangling.
void add_runlevel_links(const Layout& layout, const std::string& pair,
                        std::vector<FileChange>& changes) {
    const auto runlevels = layout.root + "/etc/runlevels";
    DIR* dir = opendir(runlevels.c_str());
    if (dir == nullptr) {
        return;
    }
    while (const dirent* entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            const auto link = runlevels + "/" + entry->d_name + "/" + pair;
            if (is_there(link)) {
                changes.insert(changes.begin(), {FileChange::Kind::Remove, link, {}, 0, {}});
            }
        }
    }
    closedir(dir);
}

int run_uninstall(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"purge"}, {"dry-run"}}, 1, 1);
    const auto& pair = parsed.names().front();
    auto changes = plan_uninstall(context.layout, pair, parsed.has("purge"));
    const bool gives_back = std::any_of(changes.begin(), changes.end(), [&](const FileChange& change) {
        return change.path == context.layout.initscript(pair) && change.kind != FileChange::Kind::Remove;
    });
    if (exists(context.layout.initscript(pair)) && !gives_back) {
        add_runlevel_links(context.layout, pair, changes);
    }
    if (context.layout.root.empty()) {
        require_stopped(context.layout, pair);
    }
    const bool any = std::any_of(changes.begin(), changes.end(), [](const FileChange& change) {
        return change.kind == FileChange::Kind::Remove;
    });
    if (parsed.has("dry-run")) {
        for (const auto& change : changes) {
            const auto* what = change.kind == FileChange::Kind::Remove ? "remove "
                               : change.kind == FileChange::Kind::Keep ? "keep "
                                                                       : "give back ";
            context.out << what << change.path << (change.note.empty() ? "" : " (" + change.note + ")") << '\n';
        }
        return exit_code::done;
    }
    if (any) {
        require_root();
        apply(changes);
        if (context.layout.root.empty()) {
            // One that was zapped, or given up by its supervisor, has left it.
            Steer(context.layout, pair).detach();
        }
    }
    for (const auto& change : changes) {
        if (!change.note.empty() && !context.quiet) {
            context.out << (change.kind == FileChange::Kind::Keep ? "kept " : "gave back ") << change.path << " ("
                        << change.note << ")\n";
        }
    }
    if (!context.quiet) {
        context.out << pair << (any ? ": uninstalled\n" : ": nothing to do\n");
    }
    return exit_code::done;
}

constexpr char uninstall_usage[] =
    "usage: twinctl [--root DIR] uninstall NAME [--purge] [--dry-run]\n"
    "\n"
    "Takes away all that twinctl wrote for NAME, which must be stopped, and its entries in\n"
    "runlevels. Edited configuration and the logs of the twins stay.\n"
    "\n"
    "  --purge    remove those, too\n"
    "  --dry-run  print what would be removed, change nothing\n";

}  // namespace

const Command uninstall_command{"uninstall", "take a pair away", uninstall_usage, run_uninstall};

}  // namespace twinctl
