// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/endpoint.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/layout.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/record.hpp"
#include "core/release.hpp"
#include "core/switch_command.hpp"
#include "core/trust.hpp"
#include "core/user.hpp"
#include "twin-exec/background.hpp"
#include "twin-exec/beside.hpp"
#include "twin-exec/command.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/give_up.hpp"
#include "twin-exec/hand_over.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"
#include "twin-exec/surroundings.hpp"

namespace twinctl {

namespace {

Record own_record(const Options& options) {
    Record record;
    record.process = process_at(getpid()).value();
    record.ports = options.ports_text;
    record.publics = options.public_text;
    record.started = std::time(nullptr);
    record.surroundings = own_surroundings();
    if (const pid_t parent = getppid(); options.supervised && is_supervisor(parent)) {
        record.supervisor = parent;
    }
    if (!options.releases.empty()) {
        record.release = release_in(slot_path(options.releases, options.twin.parity)).value_or("");
    }
    return record;
}

/// Two starts in the same instant both find nobody there (supervise-daemon says that a service is
/// started before it is). The second one's process is not to write over the record of the first:
/// that would serve on, known to nobody. Returns the record of before.
std::optional<Record> refuse_second(const TwinName& twin, const Layout& layout) {
    auto record = read_record(layout, twin);
    if (record && is_alive(record->process) && record->process.pid != getpid()) {
        throw Refusal{exit_code::refused,
                      twin.str() + " is already running as pid " + std::to_string(record->process.pid)};
    }
    return record;
}

/// Whoever waits for the start of this twin learns of its process.
void put_on_record(const TwinName& twin, const Layout& layout, const Record& record) {
    write_record(layout, twin, record);
    remove_file(layout.starting(twin));
}

/// A supervisor brings a twin back that ended after it was hung up (nginx after QUIT). It must
/// not take its port again: this waits for the stop in its place.
int wait_in_its_place(const Options& options, const Layout& layout) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    auto record = own_record(options);
    record.placeholder = true;
    record.endpoint = endpoint_of(options, layout);
    record.command = {"twin-exec"};
    put_on_record(options.twin, layout, record);
    int received = SIGHUP;
    while (received == SIGHUP) {
        sigwait(&signals, &received);
    }
    return 0;
}

/// Whatever OpenRC let pass of these names is not about this twin.
void clear_environment() {
    std::vector<std::string> names{"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (text.starts_with("TWIN_")) {
            names.emplace_back(text.substr(0, text.find('=')));
        }
    }
    for (const auto& name : names) {
        unsetenv(name.c_str());
    }
}

/// TWIN_NAME, TWIN_PARITY; TWIN_PORT for the first port, TWIN_PORT_NAME for each; TWIN_RELEASE.
void set_environment(const Options& options, const std::optional<Identity>& identity) {
    clear_environment();
    setenv("TWIN_NAME", options.twin.str().c_str(), 1);
    setenv("TWIN_PARITY", std::to_string(options.twin.parity).c_str(), 1);
    if (!options.releases.empty()) {
        setenv("TWIN_RELEASE", slot_path(options.releases, options.twin.parity).c_str(), 1);
    }
    const auto& ports = options.serving.ports;
    for (const auto& port : ports) {
        const auto value = std::to_string(port.of(options.twin.parity));
        setenv(("TWIN_PORT_" + variable_part(port.name)).c_str(), value.c_str(), 1);
        if (&port == &ports.front()) {
            setenv("TWIN_PORT", value.c_str(), 1);
        }
    }
    if (identity && !identity->name.empty()) {
        setenv("USER", identity->name.c_str(), 1);
        setenv("LOGNAME", identity->name.c_str(), 1);
        setenv("HOME", identity->home.c_str(), 1);
    }
}

[[noreturn]] void execute(const Command& command) {
    std::vector<char*> argv;
    for (const auto& word : command.argv) {
        argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    execv(command.path.c_str(), argv.data());
    const int error = errno;
    throw Refusal{error == ENOENT ? exit_code::not_found : exit_code::cannot_execute,
                  "cannot execute " + command.path + ": " + std::strerror(error)};
}

}  // namespace

int launch(const Options& options, const Layout& layout) {
    const auto before = refuse_second(options.twin, layout);
    settle(options, layout, before);
    if (exists(layout.draining(options.twin))) {
        return wait_in_its_place(options, layout);
    }
    auto record = own_record(options);
    Command command;
    HandOver sockets;
    std::optional<Identity> identity;
    try {
        record.endpoint = endpoint_of(options, layout);
        command = resolve_command(options, names_of_handed(options, record.endpoint));
        if (!options.user.empty()) {
            identity = find_identity(options.user);
        }
        if (!exists(layout.starting(options.twin))) {
            // What its supervisor brings back is not prepared.
            check_ports_free(options);
        }
        sockets = gather_sockets(options, record.endpoint, layout);
    } catch (...) {
        // Whoever waits for this twin is to know its process, and that it has ended.
        record.command = options.command;
        put_on_record(options.twin, layout, record);
        throw;
    }
    record.command = command.argv;
    record.rehearsal = is_rehearsal(layout, options.twin);
    if (record.rehearsal && record.endpoint == Endpoint::Inherit) {
        record.publics = sockets.publics;
    }
    for (const auto& name : sockets.names) {
        record.handed += (record.handed.empty() ? "" : " ") + name;
    }
    record.fingerprint = fingerprint(command.path, options.config_sum);
    put_on_record(options.twin, layout, record);
    watch_for_give_up(options.twin, layout, before, record);
    if (!record.rehearsal && !exists(layout.svcdir + "/started/" + options.twin.sibling().str())) {
        require_own_directories(layout, options.twin.pair);
        note_active(layout, options.twin.pair, options.twin.parity);
    }
    if (record.endpoint == Endpoint::Steer && !record.rehearsal) {
        join_steering(options.twin, layout, record, !sockets.names.empty());
    }
    const auto publics = parse_public(record.publics);
    if (record.endpoint == Endpoint::Inherit && !record.rehearsal &&
        std::any_of(publics.begin(), publics.end(), [](const PublicSocket& socket) { return socket.is_unix(); })) {
        in_background([&] { keep_socket_files(options.twin, layout, record); });
    }
    set_environment(options, identity);
    hand_over(sockets, options.serving.listen_fds);
    if (identity) {
        become(*identity);
    }
    if (options.umask) {
        umask(*options.umask);
    }
    execute(command);
}

}  // namespace twinctl
