// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/endpoint.hpp"

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>
#include <vector>

#include "core/active.hpp"
#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/guard.hpp"
#include "core/listeners.hpp"
#include "core/names.hpp"
#include "core/pair_lock.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/quiesce.hpp"
#include "core/serving.hpp"
#include "core/steer.hpp"
#include "core/switch_command.hpp"
#include "twin-exec/background.hpp"
#include "twin-exec/beside.hpp"
#include "twin-exec/modes.hpp"

namespace twinctl {

namespace {

constexpr int quiesce_looks = 1500;  // times 2 ms: 3 s
constexpr int switch_timeout_s = 60;
constexpr useconds_t first_ask_us = 1000000;
constexpr useconds_t last_ask_us = 60000000;

/// Puts the twin into the map; where its sibling is not up, clients are sent to it.
void join(const TwinName& twin, const Layout& layout, const Record& own) {
    const auto lock = take_guard_lock(layout, twin.pair);
    Steer steer(layout, twin.pair);
    const auto publics = parse_public(own.publics);
    if (!steer.stands(publics) && is_adopting(layout, twin.pair)) {
        return;
    }
    const bool alone = !why_not_up(layout, twin.sibling()).empty();
    steer.attach(publics, alone ? twin.parity : twin.sibling().parity);
    steer.put(publics, parse_ports(own.ports), twin.parity, own.process);
    if (alone) {
        steer.point_at(twin.parity);
    }
}

void wait_and_join(const TwinName& twin, const Layout& layout, const Record& own) {
    useconds_t pause_us = 1000;
    useconds_t waited_us = 0;
    useconds_t ask_after_us = first_ask_us;
    try {
        while (is_alive(own.process) && !serves(own, twin.parity)) {
            if (waited_us >= ask_after_us && listens(own, twin.parity)) {
                if (serves_if_asked(own, twin.parity)) {
                    break;
                }
                waited_us = 0;
                // Each stays in the queue of a service that never accepts.
                ask_after_us = std::min<useconds_t>(ask_after_us * 2, last_ask_us);
            }
            usleep(pause_us);
            waited_us += pause_us;
            pause_us = std::min<useconds_t>(pause_us * 5 / 4, 50000);
        }
        if (is_alive(own.process)) {
            join(twin, layout, own);
            follow_listeners(twin, layout, own);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "twin-exec: %s: %s\n", twin.str().c_str(), error.what());
    }
}

void wait_until_quiet(std::vector<LocalPort> client_ports, std::vector<LocalPort> listeners) {
    Quiesce quiesce(std::move(client_ports), std::move(listeners));
    for (int i = 0; i < quiesce_looks && !quiesce.is_quiet(); ++i) {
        usleep(2000);
    }
}

std::vector<LocalPort> parity_ports(const Record& record, int parity) {
    std::vector<LocalPort> ports;
    for (const auto& port : parse_ports(record.ports)) {
        ports.push_back({port.address, port.of(parity)});
    }
    return ports;
}

[[noreturn]] void become_switch(const Options& options, const Record& own, const Record& sibling) {
    std::vector<std::string> variables;
    for (const char* key : {"PATH", "LANG", "TERM"}) {
        if (const char* value = std::getenv(key)) {
            variables.push_back(std::string(key) + "=" + value);
        }
    }
    for (const auto& [key, value] : switch_environment(
             options.twin.sibling(), parse_ports(own.ports), parse_ports(sibling.ports))) {
        variables.push_back(key + "=" + value);
    }
    std::vector<char*> environment;
    for (auto& variable : variables) {
        environment.push_back(variable.data());
    }
    environment.push_back(nullptr);
    // What it starts is ended with it.
    setpgid(0, 0);
    execle("/bin/sh", "sh", "-c", options.switch_command.c_str(), nullptr, environment.data());
    _exit(exit_code::not_found);
}

void run_switch(const Options& options, const Record& own, const Record& sibling) {
    const pid_t child = fork();
    if (child < 0) {
        throw SystemError::from_errno("cannot fork");
    }
    if (child == 0) {
        become_switch(options, own, sibling);
    }
    int status = 0;
    for (int i = 0; waitpid(child, &status, WNOHANG) == 0; ++i) {
        if (i == switch_timeout_s * 200) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
            throw SystemError("twin_switch did not end in 60 s");
        }
        usleep(5000);
    }
    if (status != 0) {
        throw SystemError("twin_switch failed, nothing was switched");
    }
}

void steer_to_sibling(const Options& options, const Layout& layout, const Record& own) {
    const auto& twin = options.twin;
    Steer steer(layout, twin.pair);
    if (steer.active().value_or(twin.parity) != twin.parity) {
        return;
    }
    const auto sibling = read_serving_record(layout, twin.sibling());
    const auto publics = parse_public(own.publics);
    steer.attach(publics, twin.parity);
    if (!sibling || !steer.put(publics, parse_ports(sibling->ports), twin.sibling().parity,
                               sibling->process)) {
        throw SystemError(twin.sibling().str() + " cannot be put before the public port");
    }
    steer.point_at(twin.sibling().parity);
    std::vector<LocalPort> clients;
    for (const auto& socket : publics) {
        clients.push_back({socket.address, socket.port});
    }
    wait_until_quiet(std::move(clients), parity_ports(own, twin.parity));
}

}  // namespace

Endpoint endpoint_of(const Options& options, const Layout& layout) {
    return decide_endpoint(options.serving, options.public_text,
                           read_serving_record(layout, options.twin.sibling()));
}

void join_steering(const TwinName& twin, const Layout& layout, const Record& own, bool listens) {
    if (listens) {
        join(twin, layout, own);
        return;
    }
    in_background([&] { wait_and_join(twin, layout, own); });
}

void move_to_sibling(const Options& options, const Layout& layout) {
    const auto& twin = options.twin;
    const auto own = read_record(layout, twin);
    if (!own || !is_alive(own->process)) {
        return;
    }
    if (own->endpoint == Endpoint::Steer) {
        steer_to_sibling(options, layout, *own);
    } else if (!options.switch_command.empty() &&
               read_active(layout, twin.pair).value_or(twin.parity) == twin.parity) {
        const auto sibling = read_serving_record(layout, twin.sibling());
        if (!sibling) {
            throw SystemError(twin.sibling().str() + " is not there to be switched to");
        }
        run_switch(options, *own, *sibling);
        wait_until_quiet(parity_ports(*own, twin.parity), parity_ports(*own, twin.parity));
    }
}

void leave_endpoint(const TwinName& twin, const Layout& layout, const Record& own) {
    if (own.endpoint == Endpoint::Direct) {
        return;
    }
    // A supervisor may be bringing one of them back this moment.
    const auto lock = take_guard_lock(layout, twin.pair);
    for (const auto& name : {twin, twin.sibling()}) {
        const auto record = read_record(layout, name);
        if (record && is_alive(record->process)) {
            return;
        }
    }
    if (own.endpoint == Endpoint::Steer) {
        Steer(layout, twin.pair).detach();
    }
    for (const auto& socket : parse_public(own.publics)) {
        if (socket.is_unix()) {
            remove_stale_socket(socket.path);
        }
    }
}

}  // namespace twinctl
