// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "core/active.hpp"
#include "core/error.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/context.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

std::string bind_lines(const Config& config) {
    std::string lines;
    for (const auto& socket : config.serving.publics) {
        lines += "    bind " + (socket.is_unix() ? "unix@" + socket.path
                                : socket.address.empty() ? ":" + socket.text() : socket.text()) + "\n";
    }
    return lines.empty() ? "    bind :80    # where your clients come in\n" : lines;
}

/// One server, whose port is changed in one step: there is no moment at which both, or none,
/// take connections. HAProxy forgets that at a restart unless it is kept in its state file.
std::string haproxy_configuration(const std::string& pair, const Config& config, int active) {
    if (config.ports.empty()) {
        throw InputError("twin_ports of " + pair + " names no port that HAProxy could use");
    }
    const auto& port = config.ports.front();
    const auto address = port.address.empty() || port.address == "0.0.0.0" ? "127.0.0.1"
                         : port.address == "::" ? "::1" : port.address;
    const auto socket = "/run/haproxy-" + pair + ".sock";
    const auto state = "/var/lib/haproxy/" + pair + ".state";
    return "# haproxy.cfg\n"
           "global\n"
           "    stats socket " + socket + " mode 600 level admin\n"
           "    server-state-file " + state + "\n"
           "defaults\n"
           "    mode http\n"
           "    timeout connect 5s\n"
           "    timeout client 60s\n"
           "    timeout server 60s\n"
           "    option httpclose\n"
           "    load-server-state-from-file global\n"
           "listen " + pair + "\n" + bind_lines(config) +
           "    server twin " + endpoint_text(address, port.of(active)) + "\n"
           "\n"
           "# /etc/conf.d/" + pair + " (socat must be installed)\n"
           "twin_endpoint=direct\n"
           "twin_switch='"
           "echo \"set server " + pair + "/twin addr " + address + " port $TWIN_TO_PORT\" | "
           "socat -t5 - UNIX-CONNECT:" + socket + " | grep -qE \"port changed|no need to change\" && "
           "echo \"show servers state\" | socat -t5 - UNIX-CONNECT:" + socket + " >" + state + "'\n";
}

int run_render(Context& context, const Args& args) {
    if (args.empty() || args.front() != "haproxy") {
        throw InputError(args.empty() ? "what is to be rendered is missing: haproxy"
                                      : "cannot render '" + printable(args.front()) + "', only haproxy");
    }
    const auto parsed = parse_arguments({args.begin() + 1, args.end()}, {}, 1, 1);
    const auto& pair = parsed.names().front();
    require_pair(context.layout, pair);
    context.out << haproxy_configuration(pair, read_config(context.layout, pair).front(),
                                         read_active(context.layout, pair).value_or(0));
    return exit_code::done;
}

}  // namespace

const Command render_command{
    "render", "print the configuration of a balancer",
    "usage: twinctl [--root DIR] render haproxy NAME\n"
    "\n"
    "Prints a configuration for HAProxy in front of NAME, and the twin_switch line that makes a swap\n"
    "drive it by its runtime API.\n",
    run_render};

}  // namespace twinctl
