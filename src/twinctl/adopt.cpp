// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/adopt.hpp"

#include <dirent.h>

#include <algorithm>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/openrc.hpp"
#include "core/proc_text.hpp"
#include "core/steer.hpp"
#include "twinctl/connections.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/readiness.hpp"

namespace twinctl {

namespace {

constexpr int poll_ms = 20;

std::string proc(pid_t pid, const char* file) {
    return read_file_if_any("/proc/" + std::to_string(pid) + "/" + file).value_or("");
}

/// The service that OpenRC started PID as, if it has kept its environment.
std::string service_of(pid_t pid) {
    const auto environment = std::string(1, '\0') + proc(pid, "environ");
    const auto key = std::string("\0RC_SVCNAME=", 12);
    const auto at = environment.find(key);
    return at == std::string::npos ? "" : std::string(environment.c_str() + at + key.size());
}

bool is_any(const std::string& address) {
    return address.empty() || address == "0.0.0.0" || address == "::";
}

bool is_met(const PublicSocket& socket, const ListeningSocket& listener) {
    return socket.port == listener.port &&
           (is_any(socket.address) || is_any(listener.address) || socket.address == listener.address);
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    if (DIR* dir = opendir(directory.c_str())) {
        while (const dirent* entry = readdir(dir)) {
            if (entry->d_name[0] != '.') {
                names.emplace_back(entry->d_name);
            }
        }
        closedir(dir);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string counted(unsigned count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
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

Adoption::Adoption(Session& session, std::string service, AdoptWish wish)
    : session_(session), service_(std::move(service)), wish_(std::move(wish)) {
    const auto& layout = session_.context.layout;
    const auto& config = session_.configs.front();
    if (service_ == session_.pair || exists(layout.initscript(service_ + ".0"))) {
        throw InputError(service_ + " is a pair itself; a service of another name can be adopted");
    }
    if (!exists(layout.initscript(service_))) {
        throw InputError("there is no service " + service_ + ": " + layout.initscript(service_) + " is missing");
    }
    if (!wish_.signal.empty() && !signal_number(wish_.signal)) {
        throw InputError("'" + printable(wish_.signal) + "' is no signal");
    }
    if (config.serving.publics.empty()) {
        throw InputError(session_.pair + " has no public port, by which it could take the clients of " + service_ +
                         " over: set twin_public to theirs");
    }
    if (const auto endpoint = choose_endpoint(config.serving, why_no_steer()); endpoint != Endpoint::Steer) {
        throw InputError("only a steered public port can be taken from who listens there, and the endpoint of " +
                         session_.pair + " is " + to_string(endpoint) + ": with a gap, `rc-service " + service_ +
                         " stop` and `rc-service " + session_.pair + " start` do it");
    }
    publics_ = config.serving.publics;
    look_around();
}

/// Who listens at the public ports.
void Adoption::look_around() {
    for (const auto& listener : list_listeners()) {
        const bool met = std::any_of(publics_.begin(), publics_.end(),
                                     [&](const PublicSocket& socket) { return is_met(socket, listener); });
        const auto holder = met ? holder_of(listener.inode) : std::nullopt;
        if (!holder) {
            continue;
        }
        const auto whose = service_of(holder->pid);
        if (!whose.empty() && whose != service_) {
            throw InputError("port " + std::to_string(listener.port) + " is that of the service " + whose + " (pid " +
                             std::to_string(holder->pid) + "), not of " + service_);
        }
        listeners_.push_back({*holder, {listener.address, listener.port}});
    }
    require_its_ports();
}

/// What clients reach the service by today is to lead to the pair.
void Adoption::require_its_ports() {
    const auto& wanted = session_.configs.front().public_text;
    if (service_state(session_.context.layout.svcdir, service_) == ServiceState::Stopped) {
        return;
    }
    if (listeners_.empty()) {
        throw InputError(service_ + " does not listen on " + wanted + ", which is twin_public of " + session_.pair +
                         ": set it to the port of " + service_);
    }
    for (const auto& process : processes()) {
        for (const auto& listener : list_listeners()) {
            const bool met = std::any_of(publics_.begin(), publics_.end(),
                                         [&](const PublicSocket& socket) { return is_met(socket, listener); });
            if (!met && find_socket({process.pid}, listener.inode)) {
                throw InputError(service_ + " listens on " + endpoint_text(listener.address, listener.port) +
                                 " too, and twin_public of " + session_.pair + " is " + wanted +
                                 ": nobody would be there in its place");
            }
        }
    }
}

/// Each once, however many of the listeners it has.
std::vector<ProcessId> Adoption::processes() const {
    std::vector<ProcessId> found;
    for (const auto& listener : listeners_) {
        if (std::find(found.begin(), found.end(), listener.process) == found.end()) {
            found.push_back(listener.process);
        }
    }
    return found;
}

std::vector<FileChange> Adoption::runlevel_changes(std::vector<std::string>& levels) const {
    const auto directory = session_.context.layout.root + "/etc/runlevels/";
    std::vector<FileChange> changes;
    for (const auto& level : names_in(directory)) {
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
    std::string text = "rc-service " + session_.pair + " start, unless it is started\n";
    for (const auto& socket : publics_) {
        text += "new connections to " + socket.text() + " go to " + session_.pair + "\n";
    }
    if (service_state(session_.context.layout.svcdir, service_) != ServiceState::Stopped) {
        if (!wish_.signal.empty()) {
            for (const auto& process : processes()) {
                text += "send " + wish_.signal + " to " + service_ + ", pid " + std::to_string(process.pid) + "\n";
            }
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

/// An rc-service outlives the twinctl that was killed, and OpenRC refuses a second one.
void Adoption::wait_while_started() {
    const auto& config = session_.configs.front();
    const auto until_ms = session_.clock.now_ms() + (config.ready_timeout + config.wait_s) * 1000LL;
    while (is_being_changed(session_.context.layout.svcdir, session_.pair) && !session_.clock.interrupted() &&
           session_.clock.now_ms() < until_ms) {
        session_.progress->waiting("start", "until another rc-service " + session_.pair + " has ended");
        session_.clock.pause(poll_ms, {});
    }
}

bool Adoption::start_pair(AdoptOutcome& outcome) {
    wait_while_started();
    const auto is_up = [&](int parity) { return session_.observer.look({session_.pair, parity}).is_up(); };
    const auto began_ms = session_.clock.now_ms();
    std::string output;
    const bool was_up = is_up(0) || is_up(1);
    const bool is_started = was_up || session_.rc.run(session_.pair, {"start"}, output, 0);
    const int parity = is_up(1) && (!is_up(0) || session_.notebook.active(session_.pair) == 1) ? 1 : 0;
    const TwinName twin{session_.pair, parity};
    if (is_started && is_up(parity) && session_.front.leads_to(twin)) {
        if (!was_up) {
            session_.progress->done("start", twin.str(), session_.clock.now_ms() - began_ms);
        }
        return true;
    }
    if (!was_up) {
        std::string ignored;
        session_.rc.run(session_.pair, {"stop"}, ignored, 0);
        // One that has crashed is not marked stopped by that.
        session_.rc.run(twin.str(), {"zap"}, ignored, 0);
    }
    outcome.result = "kept";
    outcome.exit = exit_code::kept;
    outcome.message = "could not be started: " + (output.empty() ? "see `twinctl check " + session_.pair + "`" : output) +
                      "\n" + service_ + " serves on" + (was_up ? "" : ", " + session_.pair + " is stopped");
    return false;
}

/// What was half-open when the port was steered away.
void Adoption::quiesce() {
    std::vector<LocalPort> clients;
    for (const auto& socket : publics_) {
        clients.push_back({socket.address, socket.port});
    }
    std::vector<LocalPort> theirs;
    for (const auto& listener : listeners_) {
        theirs.push_back(listener.at);
    }
    Quiesce quiet(clients, theirs);
    const auto began_ms = session_.clock.now_ms();
    const auto until_ms = began_ms + session_.configs.front().quiesce_timeout * 1000LL;
    while (!quiet.is_quiet() && session_.clock.now_ms() < until_ms) {
        session_.clock.pause(2, {});
    }
    session_.progress->done("quiesce", counted(quiet.left(), "handshake") + " left", session_.clock.now_ms() - began_ms);
}

/// False if it was interrupted.
bool Adoption::drain(AdoptOutcome& outcome) {
    ServedAt served;
    for (const auto& socket : publics_) {
        served.ports.push_back(socket.port);
    }
    std::vector<DrainWatch> watches;
    for (const auto& process : processes()) {
        watches.emplace_back(process, served);
    }
    const auto began_ms = session_.clock.now_ms();
    const auto until_ms = began_ms + wish_.drain_timeout * 1000LL;
    unsigned left = 0;
    // What one of its processes hands to another during a look is missed by that look.
    for (int quiet_looks = 0; quiet_looks < 2;) {
        const bool any = std::any_of(watches.begin(), watches.end(), [](DrainWatch& watch) { return watch.any_left(); });
        quiet_looks = any ? 0 : quiet_looks + 1;
        if (any && session_.clock.now_ms() >= until_ms) {
            for (auto& watch : watches) {
                left += watch.count();
            }
            break;
        }
        if (const int signal = session_.clock.interrupted()) {
            outcome.result = "kept";
            outcome.exit = 128 + signal;
            outcome.message = "it serves, and " + service_ +
                              " has not been stopped: the same command goes on";
            return false;
        }
        session_.progress->waiting("drain", "until " + service_ + " has finished its connections");
        session_.clock.pause(poll_ms, {});
    }
    outcome.connections_cut = left;
    session_.progress->done("drain", counted(left, "connection") + " left", session_.clock.now_ms() - began_ms);
    return true;
}

void Adoption::require_stopped() {
    const auto began_ms = session_.clock.now_ms();
    std::string output;
    // Whatever needs it is not to be stopped with it.
    if (!session_.rc.run(service_, {"--nodeps", "stop"}, output, 0) &&
        service_state(session_.context.layout.svcdir, service_) != ServiceState::Stopped) {
        throw SystemError(session_.pair + " serves, but " + service_ + " could not be stopped:\n" + output +
                          "\nthe same command tries again");
    }
    session_.progress->done("stop", service_, session_.clock.now_ms() - began_ms);
}

AdoptOutcome Adoption::run() {
    AdoptOutcome outcome;
    const auto& layout = session_.context.layout;
    make_directories(layout.run(session_.pair));
    const auto lock = try_lock(layout.adopting(session_.pair));
    if (!lock) {
        throw Busy("another twinctl is at it: " + session_.pair + " adopts a service");
    }
    if (!start_pair(outcome)) {
        return outcome;
    }
    session_.lock("adopt " + service_);
    const bool was_stopped = service_state(layout.svcdir, service_) == ServiceState::Stopped;
    if (!was_stopped) {
        if (!listeners_.empty()) {
            quiesce();
        }
        if (!wish_.signal.empty()) {
            for (const auto& process : processes()) {
                send_signal(process, *signal_number(wish_.signal));
                session_.progress->done("signal", wish_.signal + " to pid " + std::to_string(process.pid), 0);
            }
        }
        if (!drain(outcome)) {
            return outcome;
        }
        require_stopped();
    }
    apply(runlevel_changes(outcome.runlevels));
    outcome.exit = outcome.connections_cut > 0 ? exit_code::cut : exit_code::done;
    outcome.message = was_stopped && outcome.runlevels.empty() ? "nothing to do: " : "";
    outcome.message += "it serves in the place of " + service_;
    if (outcome.connections_cut > 0) {
        outcome.message += "; the drain deadline passed and " + counted(outcome.connections_cut, "connection") +
                           (outcome.connections_cut == 1 ? " was cut" : " were cut");
    }
    for (const auto& name : needed_by(read_file_if_any(layout.svcdir + "/deptree").value_or(""), service_)) {
        outcome.message += "\n" + name + " needs " + service_ + ", and would start it again: rc_need=\"!" + service_ + " " +
                           session_.pair + "\" in /etc/conf.d/" + name;
    }
    return outcome;
}

}  // namespace twinctl
