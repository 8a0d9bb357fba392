// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <syslog.h>
#include <unistd.h>

#include <climits>
#include <cstddef>
#include <cstdint>
#include <string>

#include "twinctl/autodeploy.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/context.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

/// The file that this program was started from; the one in its place, after an upgrade.
std::string own_program() {
    char path[PATH_MAX];
    const auto length = readlink("/proc/self/exe", path, sizeof path);
    std::string text(path, length < 0 ? 0 : static_cast<std::size_t>(length));
    const std::string deleted = " (deleted)";
    return text.ends_with(deleted) ? text.substr(0, text.size() - deleted.size()) : text;
}

int run_autodeploy(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {}, 0, SIZE_MAX);
    require_running_system(context);
    require_root();
    // A person who tries it wants to see what it does.
    openlog("twinctl-autodeploy", LOG_PID | (isatty(STDERR_FILENO) != 0 ? LOG_PERROR : 0), LOG_DAEMON);
    Autodeploy autodeploy(context.layout, parsed.names(), own_program(),
                          [](int level, const std::string& text) { syslog(level, "%s", text.c_str()); });
    autodeploy.run();
    return exit_code::done;
}

}  // namespace

const Command autodeploy_command{
    "autodeploy", "deploy each release as it is uploaded",
    "usage: twinctl autodeploy [NAME...]\n"
    "\n"
    "Watches where releases of the pairs NAME, or of all that have any, are uploaded, and deploys the\n"
    "newest one when it is complete. Says in syslog what it did and why. Made to be run by OpenRC:\n"
    "`rc-service twinctl-autodeploy start`.\n",
    run_autodeploy};

}  // namespace twinctl
