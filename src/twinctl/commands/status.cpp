// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/openrc.hpp"
#include "core/public_socket.hpp"
#include "core/steer.hpp"
#include "core/trust.hpp"
#include "twinctl/command_line.hpp"
#include "twinctl/commands/commands.hpp"
#include "twinctl/config.hpp"
#include "twinctl/connections.hpp"
#include "twinctl/context.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/session.hpp"
#include "twinctl/stale.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/system_world.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

namespace {

bool is_locked(const Layout& layout, const std::string& pair) {
    const Fd fd(open(layout.lock(pair).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && errno == EACCES) {
        // Only root may look; a swap under way is likelier than one that was interrupted.
        return true;
    }
    return fd && flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
}

int exit_code_of(const PairStatus& status) {
    return status.state == "stopped" ? exit_code::not_running
           : status.serves           ? exit_code::done
                                     : exit_code::crashed;
}

/// What is wrong with the endpoint of a pair that is up; empty where clients reach the active twin.
std::string why_lost(const Context& context, Observer& observer, const PairStatus& status) {
    const TwinName active{status.name, *status.active};
    if (!SystemFront(context.layout).leads_to(active)) {
        return status.publics + " does not lead to the active twin: " +
               (observer.look(active).listening ? "`twinctl start " + status.name + "` mends that"
                                                : "it does not listen on its parity port, `twinctl check " + status.name +
                                                      "` says more");
    }
    // An exact lookup would find the twin that the port is steered to.
    const auto listeners = list_listeners();
    for (const auto& socket : parse_public(status.publics)) {
        if (std::any_of(listeners.begin(), listeners.end(),
                        [&](const ListeningSocket& listener) { return listener.port == socket.port; })) {
            return "somebody else listens on " + socket.text() + ", and is not reached: `twinctl check " + status.name +
                   "` says who";
        }
    }
    return {};
}

/// What only the system around the pair tells; only root may look at the endpoint.
void add_hint(const Context& context, Observer& observer, const std::vector<Config>& configs, PairStatus& status) {
    const auto& layout = context.layout;
    if (status.state != "started" || !status.hint.empty()) {
        return;
    }
    if (status.active && geteuid() == 0 && status.endpoint == to_string(Endpoint::Steer)) {
        status.hint = why_lost(context, observer, status);
    }
    if (const auto apart = why_apart(layout, status.name); status.hint.empty() && !apart.empty()) {
        status.hint = apart + ": `twinctl install " + status.name + "` mends that";
    }
    if (status.hint.empty() && status.active) {
        const TwinName active{status.name, *status.active};
        const auto view = observer.look(active);
        const auto& config = configs[static_cast<std::size_t>(*status.active)];
        if (const auto why = view.record && !config.command.empty() ? why_stale(layout, active, config, *view.record) : "";
            !why.empty()) {
            status.hint = why + " since it was started: `twinctl swap " + status.name + "` takes that over";
        }
    }
    if (status.hint.empty() && exists(layout.initscript(status.name)) &&
        service_state(layout.svcdir, status.name) == ServiceState::Stopped) {
        status.hint = "OpenRC takes the pair for stopped: `twinctl start " + status.name + "` mends that";
    }
}

/// A pair that runs has its endpoint on record. Of another one this kernel decides.
void judge_endpoint(const std::vector<Config>& configs, PairStatus& status) {
    const bool runs = std::any_of(status.twins.begin(), status.twins.end(), [](const TwinStatus& twin) { return twin.pid != 0; });
    if (runs || geteuid() != 0 || status.endpoint != to_string(Endpoint::Steer)) {
        return;
    }
    try {
        status.endpoint = to_string(choose_endpoint(configs.front().serving, why_no_steer()));
    } catch (const InputError& error) {
        status.hint += (status.hint.empty() ? "" : "; ") + std::string(error.what());
    }
}

/// To a user who cannot see the twins' processes each would be dead.
void require_sight() {
    if (geteuid() != 0 && !exists("/proc/1/stat")) {
        throw SystemError("what runs cannot be seen: /proc shows a user only his own processes here (hidepid); root sees them");
    }
}

int run_status(Context& context, const Args& args) {
    const auto parsed = parse_arguments(args, {{"json"}}, 0, 64);
    require_running_system(context);
    require_sight();
    for (const auto& pair : parsed.names()) {
        require_pair(context.layout, pair);
    }
    SystemObserver observer(context.layout);
    FileNotebook notebook(context.layout);
    std::vector<PairStatus> pairs;
    int status = exit_code::done;
    bool bad_input = false;
    for (const auto& pair :
         parsed.names().empty() ? list_pairs(context.layout) : parsed.names()) {
        try {
            require_own_directories(context.layout, pair);
            const auto journal = notebook.read_journal(pair);
            if (journal && journal->left && geteuid() == 0) {
                Session(context, pair, false).reap_left();
            }
            std::vector<Config> configs(2);
            try {
                configs = read_config(context.layout, pair);
            } catch (const InputError& error) {
                // What runs is on record, whatever has become of its configuration.
                context.err << "twinctl: " << error.what() << '\n';
                bad_input = true;
            }
            auto found = pair_status(pair, configs, observer, notebook, is_locked(context.layout, pair));
            if (found.state == "interrupted" && is_locked(context.layout, pair)) {
                // The swap began between the two looks.
                found = pair_status(pair, configs, observer, notebook, true);
            }
            judge_endpoint(configs, found);
            pairs.push_back(std::move(found));
            add_hint(context, observer, configs, pairs.back());
            status = std::max(status, exit_code_of(pairs.back()));
        } catch (const InputError& error) {
            // One pair's trouble hides no other.
            context.err << "twinctl: " << error.what() << '\n';
            bad_input = true;
        } catch (const SystemError& error) {
            context.err << "twinctl: " << error.what() << '\n';
            status = std::max(status, exit_code::failed);
        }
    }
    context.out << (parsed.has("json") ? status_json(pairs) : status_text(pairs));
    return bad_input ? exit_code::bad_input : status;
}

int run_list(Context& context, const Args& args) {
    parse_arguments(args, {}, 0, 0);
    for (const auto& pair : list_pairs(context.layout)) {
        context.out << pair << '\n';
    }
    return exit_code::done;
}

}  // namespace

const Command status_command{
    "status", "show pairs, their twins, and what is wrong with them",
    "usage: twinctl status [NAME...] [--json]\n"
    "\n"
    "Shows the pairs named, or all. Exits with 0 when they are running, 3 when one is stopped,\n"
    "32 when one has crashed, or takes no new connections.\n"
    "\n"
    "  --json  print one JSON object\n",
    run_status};

const Command list_command{
    "list", "list the pairs of this system, a name a line",
    "usage: twinctl [--root DIR] list\n"
    "\n"
    "Prints the names of the pairs whose twins are linked in /etc/init.d.\n",
    run_list};

}  // namespace twinctl
