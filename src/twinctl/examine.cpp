// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/examine.hpp"

#include <dirent.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/layout.hpp"
#include "core/means.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/program.hpp"
#include "core/public_claims.hpp"
#include "core/public_socket.hpp"
#include "core/record.hpp"
#include "core/sockets.hpp"
#include "core/steer.hpp"
#include "core/trust.hpp"
#include "core/user.hpp"
#include "twinctl/config.hpp"
#include "twinctl/connections.hpp"
#include "twinctl/local_ports.hpp"
#include "twinctl/neighbours.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/places.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/stale.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

namespace {

using Weight = Finding::Weight;
using Findings = std::vector<Finding>;

void fact(Findings& findings, const std::string& text) {
    findings.push_back({Weight::Fact, text, {}});
}

void warn(Findings& findings, const std::string& text, const std::string& cure) {
    findings.push_back({Weight::Warning, text, cure});
}

// --- what this kernel and this service can have ---------------------------------

std::string why_no_inherit(const Config& config) {
    if (auto why = why_no_taking(); !why.empty()) {
        return why;
    }
    return config.serving.takes_descriptors()
               ? ""
               : "the service is not handed its sockets: twin_listen_fds, or {fd:NAME} in twin_args";
}

void examine_endpoint(Findings& findings, const Config& config) {
    const auto steer = why_no_steer();
    const auto inherit = why_no_inherit(config);
    try {
        const auto endpoint = choose_endpoint(config.serving, steer);
        fact(findings, std::string("endpoint ") + to_string(endpoint) +
                           (config.public_text.empty() ? "" : " on " + config.public_text) +
                           (config.serving.endpoint == "auto" ? ", chosen by auto" : "") +
                           (endpoint == Endpoint::Direct ? ": clients, or a balancer, come to both parity ports" : ""));
        if (endpoint == Endpoint::Inherit && !inherit.empty()) {
            findings.push_back({Weight::Refusal, "inherit cannot be had: " + inherit, "twin_endpoint=auto chooses what can"});
        }
    } catch (const InputError& error) {
        findings.push_back({Weight::Refusal, error.what(), {}});
    }
    fact(findings, "steer " + (steer.empty() ? "can be had here" : "cannot be had here: " + steer));
    fact(findings, "inherit " + (inherit.empty() ? "can be had" : "cannot be had: " + inherit));
    fact(findings, "direct can always be had, with HAProxy in front (`twinctl render haproxy`)");
}

// --- ports ----------------------------------------------------------------------

void examine_range(Findings& findings, const Config& config) {
    const auto range = parse_local_port_range(
        read_file_if_any("/proc/sys/net/ipv4/ip_local_port_range").value_or(""));
    const auto reserved = read_file_if_any("/proc/sys/net/ipv4/ip_local_reserved_ports").value_or("");
    std::vector<unsigned> numbers;
    for (const auto& port : config.ports) {
        numbers.push_back(port.of(0));
        numbers.push_back(port.of(1));
    }
    for (const auto& socket : config.serving.publics) {
        if (!socket.is_unix()) {
            numbers.push_back(socket.port);
        }
    }
    for (const auto number : numbers) {
        if (number >= range.low && number <= range.high && !lists_port(reserved, number)) {
            warn(findings,
                 "port " + std::to_string(number) + " is inside net.ipv4.ip_local_port_range (" +
                     std::to_string(range.low) + " to " + std::to_string(range.high) +
                     "): a client may be given it",
                 "choose a lower one, or add it to net.ipv4.ip_local_reserved_ports");
        }
    }
}

/// The twin that has the socket open, or "".
std::string twin_with(Session& session, std::uint64_t inode) {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session.pair, parity};
        const auto view = session.observer.look(twin);
        if (view.alive && find_socket(process_tree(view.record->process.pid), inode)) {
            return twin.str();
        }
    }
    return {};
}

/// Steered ports have no listener of their own: somebody else may bind one, and is never reached.
void examine_strangers(Findings& findings, Session& session) {
    const auto& config = session.configs.front();
    if (choose_endpoint(config.serving, "") != Endpoint::Steer) {
        return;
    }
    for (const auto& socket : config.serving.publics) {
        if (const auto other = pair_that_has(session.context.layout, session.pair, socket); !other.empty()) {
            warn(findings, "public port " + socket.text() + " is steered by the pair " + other + ", too: only one of them gets the clients",
                 "give one of them an address of its own in twin_public");
        }
    }
    for (const auto& listener : list_listeners()) {
        for (const auto& socket : config.serving.publics) {
            const auto own = listener.port == socket.port ? twin_with(session, listener.inode) : "";
            if (!own.empty()) {
                warn(findings, own + " listens on the public port " + socket.text() + " itself",
                     "give it its parity port, as twin-service(7) says");
            } else if (listener.port == socket.port) {
                warn(findings,
                     holder_text(listener.inode) + " listens on the public port " + socket.text() + " (" +
                         endpoint_text(listener.address, listener.port) +
                         ") and is not reached where it is steered",
                     "stop that service, move it, or `twinctl adopt` it");
            }
        }
    }
}

/// Of a pair that runs the preflight of a swap says it.
void examine_taken(Findings& findings, Session& session) {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session.pair, parity};
        if (session.observer.look(twin).alive || session.observer.look(twin.sibling()).is_up()) {
            continue;
        }
        if (const auto taken = session.observer.taken_port(session.configs[static_cast<std::size_t>(parity)], parity)) {
            findings.push_back({Weight::Refusal,
                                "port " + taken->port + " of " + twin.str() + " is taken by " + taken->by,
                                "stop that, or set twin_ports to another base port"});
        }
    }
}

// --- what OpenRC thinks ---------------------------------------------------------

void examine_runlevels(Findings& findings, const Layout& layout, const std::string& pair) {
    const auto runlevels = layout.root + "/etc/runlevels";
    DIR* dir = opendir(runlevels.c_str());
    if (dir == nullptr) {
        return;
    }
    bool has_pair = false;
    while (const dirent* entry = readdir(dir)) {
        const std::string level = entry->d_name;
        if (level[0] == '.') {
            continue;
        }
        has_pair = has_pair || is_there(runlevels + "/" + level + "/" + pair);
        for (int parity = 0; parity < 2; ++parity) {
            const auto twin = TwinName{pair, parity}.str();
            if (is_there(runlevels + "/" + level + "/" + twin)) {
                warn(findings, twin + " is in the runlevel " + level + ": a twin has no place there",
                     "rc-update del " + twin + " " + level + "; rc-update add " + pair + " " + level);
            }
        }
    }
    closedir(dir);
    if (!has_pair) {
        fact(findings, pair + " is in no runlevel: it is not started at boot");
    }
}

void examine_marks(Findings& findings, Session& session) {
    const auto& pair = session.pair;
    if (const auto apart = why_apart(session.context.layout, pair); !apart.empty()) {
        warn(findings, apart, "twinctl install " + pair);
    }
    int up = 0;
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{pair, parity};
        const auto view = session.observer.look(twin);
        up += view.is_up() ? 1 : 0;
        if (view.state == ServiceState::Started && !view.alive) {
            warn(findings, twin.str() + " is marked started, and its process is dead",
                 "twinctl start " + pair);
        }
        const auto& config = session.configs[static_cast<std::size_t>(parity)];
        if (view.alive && view.state == ServiceState::Started &&
            config.supervisor == "supervise-daemon" && !has_supervisor(session.context.layout, twin)) {
            warn(findings, "the supervisor of " + twin.str() + " is gone: nobody would bring it back",
                 "twinctl swap " + pair);
        }
        if (view.alive && view.state == ServiceState::Stopped) {
            warn(findings, "OpenRC has forgotten " + twin.str() + ", whose process lives",
                 "twinctl swap " + pair);
        }
    }
    const bool marked = service_state(session.context.layout.svcdir, pair) == ServiceState::Started;
    if (up == 2 && !session.notebook.read_journal(pair)) {
        warn(findings, "both twins are up and nobody swaps", "twinctl swap " + pair);
    }
    if (exists(session.context.layout.initscript(pair)) && marked != (up > 0)) {
        warn(findings,
             pair + (marked ? " is marked started, and no twin is up" : " is not marked started, and a twin is up"),
             "twinctl start " + pair);
    }
}

/// What has been put in place, and is not run yet.
void examine_age(Findings& findings, Session& session) {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session.pair, parity};
        const auto view = session.observer.look(twin);
        if (!view.is_up()) {
            continue;
        }
        const auto why = why_stale(session.context.layout, twin, session.configs[static_cast<std::size_t>(parity)],
                                   *view.record);
        if (!why.empty()) {
            warn(findings, why, "twinctl swap " + session.pair);
        }
    }
}

/// A service that listens at 0.0.0.0 has no clients by IPv6, though a public port without an address takes them.
std::string by_one_family(const Record& record, int parity) {
    const auto publics = parse_public(record.publics);
    const bool takes_both = std::any_of(publics.begin(), publics.end(),
                                        [](const PublicSocket& socket) { return !socket.is_unix() && socket.address.empty(); });
    if (!takes_both || read_file_if_any("/proc/net/if_inet6").value_or("").empty()) {
        return {};
    }
    const auto ports = parse_ports(record.ports);
    const auto has = [&](int family) {
        return std::any_of(ports.begin(), ports.end(), [&](const Port& port) {
            return find_listener(port.address, port.of(parity), family).has_value();
        });
    };
    return !has(AF_INET6) ? ", by IPv4 only: clients by IPv6 are refused"
           : !has(AF_INET) ? ", by IPv6 only: clients by IPv4 are refused"
                           : "";
}

/// What a swap does to who writes, and who else may come to the same place.
void examine_neighbours(Findings& findings, Session& session) {
    const auto& config = session.configs.front();
    if (const auto shared = shared_with_pair(session.context.layout, session.pair, config.ports, config.serving.publics);
        !shared.empty()) {
        findings.push_back({Weight::Refusal, shared, "give one of them other ports"});
    }
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session.pair, parity};
        const auto view = session.observer.look(twin);
        const auto file = view.is_up() ? shared_file(view.record->process, twin.str()) : "";
        if (!file.empty()) {
            warn(findings, twin.str() + " has " + printable(file) + " open for writing: during a swap both twins would",
                 "give each twin its own place ({parity} in twin_args); see DATA in twin-service(7)");
            return;
        }
    }
}

/// With twin_hup=auto: whether the next swap hangs the old twin up.
void examine_hup(Findings& findings, Session& session) {
    for (int parity = 0; parity < 2; ++parity) {
        const auto view = session.observer.look({session.pair, parity});
        const auto& config = session.configs[static_cast<std::size_t>(parity)];
        const bool is_moved = view.is_up() && (view.record->endpoint == Endpoint::Steer || !config.switch_command.empty());
        if (is_moved && config.hup == "auto" && !session.notebook.finishes_on_hup(session.pair, view.record->fingerprint)) {
            fact(findings, "twin_hup=auto: a swap does not hang " + TwinName{session.pair, parity}.str() +
                               " up, for no rehearsal has seen that it finishes its requests on SIGHUP");
        }
    }
}

/// The configuration is taken all the same.
void examine_words(Findings& findings, const Config& config) {
    if (!config.shell_said.empty()) {
        warn(findings, "the shell complains of the configuration: " + config.shell_said, "mend that line");
    }
}

void examine_public(Findings& findings, Session& session) {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session.pair, parity};
        const auto view = session.observer.look(twin);
        if (!view.is_up() || view.record->endpoint != Endpoint::Steer ||
            session.notebook.active(session.pair) != parity) {
            continue;
        }
        try {
            if (session.front.leads_to(twin)) {
                fact(findings, view.record->publics + " leads to " + twin.str() + by_one_family(*view.record, parity));
            } else if (!view.listening) {
                const auto elsewhere = session.observer.listens_elsewhere(view.record->process);
                warn(findings,
                     twin.str() + " does not listen on " +
                         ports_text(session.configs[static_cast<std::size_t>(parity)], parity) +
                         (elsewhere.empty() ? "" : ", but on " + elsewhere),
                     "give it its parity port (twin_args), and `twinctl swap " + session.pair + "`");
            } else {
                warn(findings, view.record->publics + " does not lead to " + twin.str() + ", the active twin",
                     "twinctl start " + session.pair);
            }
        } catch (const SystemError& error) {
            warn(findings, std::string("where the public port leads cannot be seen: ") + error.what(), {});
        }
    }
}

/// A deployment of a service that drops its privileges may well belong to somebody else.
void examine_program(Findings& findings, const Config& config) {
    const auto program = find_program(config.command);
    // A release brings its own.
    if (!program && config.releases.directory.empty()) {
        findings.push_back({Weight::Refusal, "there is no program '" + printable(config.command) + "'",
                            "install it, or set twin_command"});
    }
    const auto who = program ? who_could_change(*program) : "";
    if (!who.empty() && (config.user.empty() || config.user == "root" || config.user == "0")) {
        warn(findings, who + ", and root runs " + *program, "twin_user, or chown root and chmod go-w");
    }
}

void examine_user(Findings& findings, const Config& config) {
    try {
        if (!config.user.empty()) {
            find_identity(config.user);
        }
    } catch (const InputError& error) {
        findings.push_back({Weight::Refusal, std::string("twin_user: ") + error.what(), "add that user, or set twin_user"});
    }
}

void examine_places(Findings& findings, const Layout& layout, const Config& config) {
    if (const auto why = why_no_place(layout, config); !why.empty()) {
        findings.push_back({Weight::Refusal, why, "make it"});
    }
    for (const auto& log : {config.output_log, config.error_log}) {
        if (const auto who = log.empty() ? "" : who_could_change(log.substr(0, log.rfind('/') + 1)); !who.empty()) {
            findings.push_back({Weight::Refusal, who + ", and root opens the log " + printable(log),
                                "set output_log and error_log to where only root can write, or leave them out"});
            break;
        }
    }
    if (!config.capabilities.empty() && !config.user.empty()) {
        warn(findings, "the service does not get its capabilities: they are lost with twin_user", "run it as root, or without them");
    }
}

/// Of a pair that runs the preflight of a swap says it.
void examine_check(Findings& findings, Session& session) {
    const auto& config = session.configs.front();
    std::string output;
    if (!config.check.empty() &&
        !session.observer.run_check(config.check, {session.pair, 0}, config.ports, check_timeout_ms, output)) {
        findings.push_back({Weight::Refusal, session.pair + ".0: twin_check failed: " + printable(output), {}});
    }
}

/// notify= is silently ignored by OpenRC before 0.62.
void examine_notify(Findings& findings, const Config& config) {
    if (config.notify.empty()) {
        return;
    }
    const auto text = run_program({{"openrc", "--version"}, plain_environment(), 5000}).output;
    const auto at = text.find_first_of("0123456789");
    unsigned major = 0;
    unsigned minor = 0;
    if (at != std::string::npos && std::sscanf(text.c_str() + at, "%u.%u", &major, &minor) == 2 &&
        major == 0 && minor < 62) {
        warn(findings, "notify is passed over by OpenRC 0." + std::to_string(minor) + ": 0.62 has it",
             "set twin_ready, or use a newer OpenRC");
    }
}

}  // namespace

const char* to_string(Finding::Weight weight) {
    switch (weight) {
        case Weight::Fact: return "ok";
        case Weight::Warning: return "warning";
        case Weight::Refusal: return "error";
    }
    return "";
}

Findings examine_files(const Layout& layout, const std::string& pair, const Config& config) {
    Findings findings;
    examine_runlevels(findings, layout, pair);
    fact(findings, "twin_command is " + config.command);
    return findings;
}

Findings examine(Session& session) {
    const auto& config = session.configs.front();
    auto findings = examine_files(session.context.layout, session.pair, config);
    examine_endpoint(findings, config);
    if (const auto why = why_no_sock_diag(); !why.empty()) {
        // Everything below asks it.
        findings.push_back({Weight::Refusal, why, "load the module inet_diag"});
        return findings;
    }
    examine_range(findings, config);
    examine_strangers(findings, session);
    examine_taken(findings, session);
    examine_marks(findings, session);
    examine_public(findings, session);
    examine_age(findings, session);
    examine_neighbours(findings, session);
    examine_hup(findings, session);
    examine_words(findings, config);
    examine_notify(findings, config);
    examine_program(findings, config);
    examine_places(findings, session.context.layout, config);
    examine_user(findings, config);
    const auto views = {session.observer.look({session.pair, 0}), session.observer.look({session.pair, 1})};
    const auto is_forgotten = [](const TwinView& view) { return view.alive && view.state == ServiceState::Stopped; };
    if (std::any_of(views.begin(), views.end(), is_forgotten)) {
        // A swap takes it back first, and then looks.
        return findings;
    }
    if (std::none_of(views.begin(), views.end(), [](const TwinView& view) { return view.alive; })) {
        examine_check(findings, session);
    }
    try {
        session.make_swap().preflight();
    } catch (const std::runtime_error& error) {
        findings.push_back({Weight::Refusal, std::string("a swap would be refused: ") + error.what(), {}});
    }
    return findings;
}

}  // namespace twinctl
