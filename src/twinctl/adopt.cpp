// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/adopt.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/sockets.hpp"
#include "core/steer.hpp"
#include "twinctl/connections.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/readiness.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

constexpr int poll_ms = 20;

bool is_ipv6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

/// Of a pair or of a twin.
bool is_of_a_pair(const Layout& layout, const std::string& service) {
    for (const auto& pair : list_pairs(layout)) {
        if (service == pair || service == pair + ".0" || service == pair + ".1") {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<std::string> needed_by(const std::string& deptree, const std::string& service) {
    const auto text = "\n" + deptree;
    const auto end = text.find("_service='" + service + "'\n");
    if (end == std::string::npos) {
        return {};
    }
    const auto begin = text.rfind('\n', end);
    const auto prefix = text.substr(begin, end - begin) + "_needsme_";
    std::vector<std::string> names;
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
        const auto value = text.find('\'', at) + 1;
        names.push_back(text.substr(value, text.find('\'', value) - value));
    }
    return names;
}

Reach reach_of(const LocalPort& listener, const std::vector<LocalPort>& all) {
    Reach reach{listener, !is_ipv6(listener.address), is_ipv6(listener.address)};
    reach.ipv4 = reach.ipv4 ||
                 (listener.address == "::" && std::none_of(all.begin(), all.end(), [&](const LocalPort& other) {
                      return other.port == listener.port && other.address == "0.0.0.0";
                  }));
    return reach;
}

bool covers(const PublicSocket& socket, const Reach& theirs) {
    if (socket.port != theirs.at.port) {
        return false;
    }
    return socket.address.empty() || (socket.address == "0.0.0.0" && !theirs.ipv6) ||
           (socket.address == "::" && !theirs.ipv4) || (socket.address == theirs.at.address && socket.address != "::");
}

bool meets(const PublicSocket& socket, const LocalPort& theirs) {
    const auto is_any = [](const std::string& address) {
        return address.empty() || address == "0.0.0.0" || address == "::";
    };
    return socket.port == theirs.port &&
           (is_any(socket.address) || is_any(theirs.address) || socket.address == theirs.address);
}

// --- what can be adopted ----------------------------------------------------------

Adoption::Adoption(Session& session, std::string service, AdoptWish wish)
    : session_(session), config_(session.configs.front()), service_(std::move(service)), wish_(std::move(wish)) {
    const auto& layout = session_.context.layout;
    if (service_.empty() || service_[0] == '.' || service_.find('/') != std::string::npos) {
        throw InputError("'" + printable(service_) + "' is no name of a service");
    }
    if (service_ == session_.pair || is_of_a_pair(layout, service_)) {
        throw InputError(service_ + " is a pair itself; a service of another name can be adopted");
    }
    if (!exists(layout.initscript(service_))) {
        throw InputError("there is no service " + printable(service_) + ": " + printable(layout.initscript(service_)) +
                         " is missing");
    }
    if (!wish_.signal.empty() && !signal_number(wish_.signal)) {
        throw InputError("'" + printable(wish_.signal) + "' is no signal");
    }
    require_pair_in_order();
    look_around();
}

bool Adoption::is_started() const {
    return service_state(session_.context.layout.svcdir, service_) != ServiceState::Stopped;
}

void Adoption::require_pair_in_order() {
    const auto& pair = session_.pair;
    if (config_.serving.publics.empty()) {
        throw InputError(pair + " has no public port, by which it could take the clients of " + service_ +
                         " over: set twin_public to theirs");
    }
    if (const auto endpoint = choose_endpoint(config_.serving, why_no_steer()); endpoint != Endpoint::Steer) {
        throw InputError("only a steered public port can be taken from who listens there, and the endpoint of " + pair +
                         " is " + to_string(endpoint) + ": with a gap, `rc-service " + service_ +
                         " stop` and `rc-service " + pair + " start` do it");
    }
    for (int parity = 0; parity < 2; ++parity) {
        const auto view = session_.observer.look({pair, parity});
        if (!view.is_up()) {
            continue;
        }
        try {
            session_.front.check(config_, *view.record);
        } catch (const InputError& error) {
            throw InputError(std::string(error.what()) + "; `rc-service " + pair + " restart` changes it");
        }
    }
}

/// Who listens at the public ports.
void Adoption::look_around() {
    const auto& publics = config_.serving.publics;
    const ServiceProcesses processes(session_.context.layout, service_);
    for (const auto& listener : list_listeners()) {
        const LocalPort at{listener.address, listener.port};
        if (std::none_of(publics.begin(), publics.end(), [&](const PublicSocket& socket) { return meets(socket, at); })) {
            continue;
        }
        const auto holder = holder_of(listener.inode);
        if (!holder || !processes.has(holder->pid)) {
            const auto whose = holder ? service_name_of(session_.context.layout, holder->pid) : "";
            throw InputError("port " + std::to_string(listener.port) + " is that of " + holder_text(listener.inode) +
                             (whose.empty() || whose == service_ ? "" : ", the service " + printable(whose)) +
                             ", which is no process of " + service_);
        }
        if (!is_started()) {
            throw InputError(service_ + " is not started, and " + holder_text(listener.inode) +
                             " of it listens on port " + std::to_string(listener.port) + ": end that, or `rc-service " +
                             service_ + " start`");
        }
    }
    if (is_started()) {
        require_its_ports(processes);
    }
}

/// What clients reach the service by today is to lead to the pair.
void Adoption::require_its_ports(const ServiceProcesses& processes) {
    const auto& publics = config_.serving.publics;
    const auto holders = processes.sockets();
    std::vector<LocalPort> theirs;
    for (const auto& listener : list_listeners()) {
        const auto held = holders.find(listener.inode);
        if (held == holders.end()) {
            continue;
        }
        const LocalPort at{listener.address, listener.port};
        theirs.push_back(at);
        if (std::any_of(publics.begin(), publics.end(), [&](const PublicSocket& socket) { return meets(socket, at); })) {
            listening_.insert(held->second.begin(), held->second.end());
        }
    }
    for (const auto& at : theirs) {
        const auto reach = reach_of(at, theirs);
        if (std::any_of(publics.begin(), publics.end(), [&](const PublicSocket& socket) { return covers(socket, reach); })) {
            reached_.push_back(reach);
        } else if (!listening_.empty()) {
            throw InputError(service_ + " listens on " + endpoint_text(at.address, at.port) +
                             ", and twin_public of " + session_.pair + " is " + config_.public_text +
                             ": nobody would be there in its place");
        }
    }
    // One that was told to end, by an adopt that was interrupted then, has closed its listener.
    if (reached_.empty() && !has_pair_switched()) {
        throw InputError(service_ + " does not listen on " + config_.public_text + ", which is twin_public of " +
                         session_.pair + ": set it to the port of " + service_);
    }
}

bool Adoption::has_pair_switched() {
    for (int parity = 0; parity < 2; ++parity) {
        const TwinName twin{session_.pair, parity};
        if (session_.observer.look(twin).is_up() && session_.front.leads_to(twin)) {
            return true;
        }
    }
    return false;
}

/// The first ones of those that listen; what they have started is told by them.
std::vector<ProcessId> Adoption::to_signal() const {
    return wish_.signal.empty() ? std::vector<ProcessId>()
                                : ServiceProcesses(session_.context.layout, service_).first_of(listening_);
}

std::vector<FileChange> Adoption::runlevel_changes(std::vector<std::string>& levels) const {
    const auto directory = session_.context.layout.root + "/etc/runlevels/";
    std::vector<FileChange> changes;
    for (const auto& level : names_in(directory)) {
        if (level.starts_with('.')) {
            continue;
        }
        const auto theirs = directory + level + "/" + service_;
        if (!is_there(theirs)) {
            continue;
        }
        const auto ours = directory + level + "/" + session_.pair;
        if (!is_there(ours)) {
            changes.push_back({FileChange::Kind::Link, ours, "/etc/init.d/" + session_.pair, 0, {}});
        }
        changes.push_back({FileChange::Kind::Remove, theirs, {}, 0, {}});
        levels.push_back(level);
    }
    return changes;
}

std::string Adoption::plan() {
    std::string text = "rc-service " + session_.pair + " start, unless it is started; wait until it is ready\n";
    for (const auto& socket : config_.serving.publics) {
        text += "steer new connections for " + socket.text() + " to " + session_.pair + "\n";
    }
    if (is_started()) {
        for (const auto& process : to_signal()) {
            text += "send " + wish_.signal + " to " + service_ + ", pid " + std::to_string(process.pid) + "\n";
        }
        text += "wait until " + service_ + " has finished its connections (at most " +
                std::to_string(wish_.drain_timeout) + " s)\nrc-service " + service_ + " --nodeps stop\n";
    }
    std::vector<std::string> levels;
    runlevel_changes(levels);
    for (const auto& level : levels) {
        text += "rc-update add " + session_.pair + " " + level + "; rc-update del " + service_ + " " + level + "\n";
    }
    return text;
}

// --- the pair beside the service ----------------------------------------------------

/// An rc-service outlives the twinctl that was killed, and OpenRC refuses a second one.
void Adoption::wait_while_started() {
    const auto until_ms = session_.clock.now_ms() + (config_.ready_timeout + config_.wait_s) * 1000LL;
    while (is_being_changed(session_.context.layout.svcdir, session_.pair) && !session_.clock.interrupted() &&
           session_.clock.now_ms() < until_ms) {
        session_.progress->waiting("start", "until another rc-service " + session_.pair + " has ended");
        session_.clock.pause(poll_ms, {});
    }
}

bool Adoption::start_pair() {
    wait_while_started();
    const auto is_up = [&](int parity) { return session_.observer.look({session_.pair, parity}).is_up(); };
    was_up_ = is_up(0) || is_up(1);
    const std::uint64_t logs[] = {session_.observer.log_size(session_.configs[0]),
                                 session_.observer.log_size(session_.configs[1])};
    const auto began_ms = session_.clock.now_ms();
    std::string output;
    if (!was_up_ && !session_.rc.run(session_.pair, session_.start_words(), output, 0)) {
        give_up("could not be started:\n" + output);
        return false;
    }
    const int parity = is_up(1) && (!is_up(0) || session_.notebook.active(session_.pair) == 1) ? 1 : 0;
    twin_ = TwinName{session_.pair, parity};
    if (!was_up_) {
        session_.progress->done("start", twin_->str(), session_.clock.now_ms() - began_ms);
    }
    const auto& config = session_.configs[static_cast<std::size_t>(parity)];
    auto why = why_not_ready(*twin_, config, session_.observer, session_.clock, *session_.progress);
    if (!why.empty()) {
        const auto lines = session_.observer.last_lines(config, logs[parity]);
        give_up(lines.empty() ? why : why + "\n" + twin_->str() + " said last:\n" + lines);
        return false;
    }
    why = why_not_reached(config);
    // One that binds one family after the other is ready with the first.
    for (int looks = 0; looks < 50 && !why.empty() && !session_.clock.interrupted(); ++looks) {
        session_.clock.pause(poll_ms, {});
        why = why_not_reached(config);
    }
    if (!why.empty()) {
        give_up(why);
    }
    return why.empty();
}

/// A steered port leads to a listener of the same family only.
std::string Adoption::why_not_reached(const Config& config) {
    for (const auto& reach : reached_) {
        const auto socket = std::find_if(config_.serving.publics.begin(), config_.serving.publics.end(),
                                         [&](const PublicSocket& one) { return covers(one, reach); });
        const auto& port = port_for(*socket, config.ports);
        const auto number = port.of(twin_->parity);
        for (const bool ipv6 : {false, true}) {
            if ((ipv6 ? reach.ipv6 : reach.ipv4) && !find_listener(port.address, number, ipv6 ? AF_INET6 : AF_INET)) {
                return service_ + " is reached by " + (ipv6 ? "IPv6" : "IPv4") + " on " +
                       endpoint_text(reach.at.address, reach.at.port) + ", and " + twin_->str() +
                       " does not listen on " + endpoint_text(ipv6 ? "::1" : "127.0.0.1", number) +
                       (port.address.empty() ? "" : ": take the address out of twin_ports, and let it listen on both");
            }
        }
    }
    return {};
}

/// The pair is left as it was found.
void Adoption::give_up(const std::string& why) {
    std::string ignored;
    for (int parity = 0; !was_up_ && parity < 2; ++parity) {
        if (parity == 0) {
            session_.rc.run(session_.pair, {"stop"}, ignored, 0);
        }
        // One that has crashed is not marked stopped by that.
        const TwinName twin{session_.pair, parity};
        const auto view = session_.observer.look(twin);
        if (!view.alive && view.state != ServiceState::Stopped) {
            session_.rc.run(twin.str(), {"zap"}, ignored, 0);
        }
    }
    const bool is_up = session_.observer.look({session_.pair, 0}).alive || session_.observer.look({session_.pair, 1}).alive;
    const int signal = session_.clock.interrupted();
    outcome_.result = "kept";
    outcome_.exit = signal != 0 ? 128 + signal : exit_code::kept;
    outcome_.message = why + "\n" + service_ + (is_started() ? " serves on, " : " is not started, ") + session_.pair +
                       (is_up ? " is up" : " is stopped");
}

// --- the clients --------------------------------------------------------------------

void Adoption::switch_over() {
    const auto began_ms = session_.clock.now_ms();
    std::vector<LocalPort> clients;
    for (const auto& socket : config_.serving.publics) {
        clients.push_back({socket.address, socket.port});
    }
    std::vector<LocalPort> theirs;
    for (const auto& reach : reached_) {
        theirs.push_back(reach.at);
    }
    if (!session_.front.leads_to(*twin_)) {
        session_.front.steer_to(*twin_);
        session_.progress->done("switch", twin_->str(), session_.clock.now_ms() - began_ms);
    }
    switched_ = true;
    session_.notebook.set_active(session_.pair, twin_->parity);
    if (is_started()) {
        quiesce_.emplace(clients, theirs);
    }
}

/// False if it was interrupted.
bool Adoption::drain() {
    const auto began_ms = session_.clock.now_ms();
    const auto until_ms = began_ms + wish_.drain_timeout * 1000LL;
    ServedAt served;
    for (const auto& socket : config_.serving.publics) {
        served.ports.push_back(socket.port);
    }
    for (const auto& process : ServiceProcesses(session_.context.layout, service_).roots()) {
        watches_.emplace_back(process, served);
    }
    bool is_told = false;
    // What one of its processes hands to another during a look is missed by that look.
    for (int quiet_looks = 0; quiet_looks < 2;) {
        if (session_.clock.interrupted() != 0) {
            return false;
        }
        // What is half-open would be reset by a service that closes its listener.
        const bool is_quiet = quiesce_->is_quiet();
        if (is_quiet && !is_told) {
            session_.progress->done("quiesce", counted(quiesce_->left(), "handshake") + " left",
                                    session_.clock.now_ms() - began_ms);
            for (const auto& process : to_signal()) {
                send_signal(process, *signal_number(wish_.signal));
                session_.progress->done("signal", wish_.signal + " to pid " + std::to_string(process.pid), 0);
            }
            is_told = true;
        }
        const bool any = !is_quiet || std::any_of(watches_.begin(), watches_.end(),
                                                  [](DrainWatch& watch) { return watch.any_left(); });
        quiet_looks = any ? 0 : quiet_looks + 1;
        if (any && session_.clock.now_ms() >= until_ms) {
            outcome_.connections_cut = is_quiet ? 0 : quiesce_->left();
            for (auto& watch : watches_) {
                outcome_.connections_cut += watch.count();
            }
            break;
        }
        session_.progress->waiting("drain", "until " + service_ + " has finished its connections");
        session_.clock.pause(is_quiet ? poll_ms : 2, {});
    }
    session_.progress->done("drain", counted(outcome_.connections_cut, "connection") + " left",
                            session_.clock.now_ms() - began_ms);
    return true;
}

void Adoption::stop_service() {
    const auto began_ms = session_.clock.now_ms();
    std::string output;
    // Whatever needs it is not to be stopped with it.
    if (!session_.rc.run(service_, {"--nodeps", "stop"}, output, 0) && is_started()) {
        throw SystemError(service_ + " could not be stopped:\n" + output);
    }
    session_.progress->done("stop", service_, session_.clock.now_ms() - began_ms);
    // Sessions in processes of their own outlive their listener (sshd): those were not cut.
    for (auto& watch : watches_) {
        outcome_.connections_cut -= std::min(outcome_.connections_cut, watch.count());
    }
}

void Adoption::finish() {
    const bool was_started = is_started();
    if (was_started) {
        if (!drain()) {
            const int signal = session_.clock.interrupted();
            interrupted_by_trouble(128 + signal, interrupted_by(signal));
            return;
        }
        stop_service();
    }
    apply(runlevel_changes(outcome_.runlevels));
    outcome_.exit = outcome_.connections_cut > 0 ? exit_code::cut : exit_code::done;
    outcome_.message = was_started || !outcome_.runlevels.empty() ? "" : "nothing to do: ";
    outcome_.message += "it serves in the place of " + service_;
    if (outcome_.connections_cut > 0) {
        outcome_.message += "; the drain deadline passed and " + cut_text(outcome_.connections_cut);
    }
    for (const auto& name : needed_by(read_file_if_any(session_.context.layout.svcdir + "/deptree").value_or(""), service_)) {
        outcome_.message += "\n" + name + " needs " + service_ + ", and would start it again: rc_need=\"!" + service_ +
                            " " + session_.pair + "\" in /etc/conf.d/" + name;
    }
}

void Adoption::interrupted_by_trouble(int exit, const std::string& what) {
    outcome_.result = "interrupted";
    outcome_.exit = exit;
    outcome_.message = what + "\n" +
                       (!switched_     ? service_ + " serves on, and " + session_.pair + " is up beside it"
                        : is_started() ? session_.pair + " has the new connections, and " + service_ + " is not stopped yet"
                                       : session_.pair + " serves, " + service_ +
                                             " is stopped, and the runlevels are not changed yet") +
                       ": the same command goes on";
}

AdoptOutcome Adoption::run() {
    const auto& layout = session_.context.layout;
    make_directories(layout.run(session_.pair));
    const auto lock = try_lock(layout.adopting(session_.pair));
    if (!lock) {
        throw Busy("another twinctl is at it: " + session_.pair + " adopts a service");
    }
    if (!start_pair()) {
        return outcome_;
    }
    try {
        session_.lock("adopt " + service_);
        switch_over();
        finish();
    } catch (const Busy& busy) {
        interrupted_by_trouble(exit_code::busy, busy.what());
    } catch (const SystemError& error) {
        interrupted_by_trouble(exit_code::failed, error.what());
    }
    return outcome_;
}

}  // namespace twinctl
