// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/listeners.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/quiesce.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
#include "core/steer.hpp"
#include "core/switch_command.hpp"
#include "twinctl/config.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/socket_keeper.hpp"
#include "twinctl/system_world.hpp"

namespace twinctl {

namespace {

constexpr int switch_timeout_ms = 60000;

/// As large as any: the kernel cuts it to net.core.somaxconn (listen(2)).
constexpr int backlog = 4096;

Record require_record(const Layout& layout, const TwinName& twin) {
    const auto record = read_record(layout, twin);
    if (!record || !is_alive(record->process)) {
        throw SystemError(twin.str() + " has no living process");
    }
    return *record;
}

}  // namespace

void SystemFront::check(const Config& config, const Record& old) {
    decide_endpoint(config.serving, config.public_text, old);
    if (old.endpoint == Endpoint::Steer) {
        Steer(layout_, config.pair).require_reachable();
    }
}

void SystemFront::steer_to(const TwinName& twin) {
    const auto record = require_record(layout_, twin);
    const auto publics = parse_public(record.publics);
    Steer steer(layout_, twin.pair);
    steer.attach(publics, twin.parity);
    if (!steer.put(publics, parse_ports(record.ports), twin.parity, record.process)) {
        throw SystemError(twin.str() + " has no listener to steer " + record.publics + " to");
    }
    steer.point_at(twin.parity);
}

std::string SystemFront::would_lose(const TwinName& twin) {
    const auto record = require_record(layout_, twin);
    const auto publics = parse_public(record.publics);
    Steer steer(layout_, twin.pair);
    steer.attach(publics, twin.sibling().parity);
    // The helper of twin-exec that does it may not be there yet.
    return steer.put(publics, parse_ports(record.ports), twin.parity, record.process) ? steer.lacks(publics, twin.parity)
                                                                                      : "";
}

bool SystemFront::leads_to(const TwinName& twin) {
    const auto record = read_record(layout_, twin);
    if (!record || record->endpoint != Endpoint::Steer) {
        return true;
    }
    const auto publics = parse_public(record->publics);
    const Steer steer(layout_, twin.pair);
    return steer.stands(publics) && steer.active() == twin.parity && steer.has(publics, twin.parity);
}

bool SystemFront::run_switch(const TwinName& to, const Config& config, std::string& output) {
    auto environment = plain_environment();
    const auto ports_of = [&](const TwinName& twin) {
        const auto record = read_record(layout_, twin);
        return record ? parse_ports(record->ports) : config.ports;
    };
    for (const auto& [key, value] : switch_environment(to, ports_of(to.sibling()), ports_of(to))) {
        environment.push_back(key + "=" + value);
    }
    const auto result =
        run_program({{"/bin/sh", "-c", config.switch_command}, environment, switch_timeout_ms});
    output = result.timed_out ? "it did not end in 60 s" : result.output;
    return !result.timed_out && result.status == 0;
}

void SystemFront::begin_quiesce(const TwinName& old) {
    quiesce_.reset();
    const auto record = read_record(layout_, old);
    if (!record) {
        return;
    }
    std::vector<LocalPort> listeners;
    for (const auto& port : parse_ports(record->ports)) {
        listeners.push_back({port.address, port.of(old.parity)});
    }
    std::vector<LocalPort> clients;
    if (record->endpoint == Endpoint::Steer) {
        for (const auto& socket : parse_public(record->publics)) {
            clients.push_back({socket.address, socket.port});
        }
    } else {
        clients = listeners;
    }
    quiesce_.emplace(std::move(clients), std::move(listeners));
}

unsigned SystemFront::unquiet() {
    if (!quiesce_ || quiesce_->is_quiet()) {
        return 0;
    }
    return std::max(1u, quiesce_->left());
}

void SystemFront::keep_socket_files(const TwinName& twin) {
    kept_.clear();
    files_.clear();
    const auto record = require_record(layout_, twin);
    for (const auto& socket : parse_public(record.publics)) {
        if (record.endpoint == Endpoint::Inherit && socket.is_unix()) {
            files_.push_back(std::make_unique<SocketKeeper>(socket.path));
        }
    }
}

void SystemFront::keep_listeners(const TwinName& twin) {
    kept_.clear();
    files_.clear();
    const auto record = require_record(layout_, twin);
    for (const auto& socket : parse_public(record.publics)) {
        const auto inode = find_public_listener(socket);
        auto fd = inode ? take_socket(record.process, *inode) : Fd();
        if (fd) {
            // A twin that removes the file when it ends removes it for its sibling as well.
            kept_.push_back({socket.text(), std::move(fd),
                             socket.is_unix() ? std::make_unique<SocketKeeper>(socket.path) : nullptr});
        }
    }
}

std::string SystemFront::mend_listeners() {
    std::string mended;
    for (const auto& kept : kept_) {
        const bool shut = !is_listening(kept.fd.get()) && listen(kept.fd.get(), backlog) == 0;
        const bool unlinked = kept.keeper && kept.keeper->mend();
        if (shut || unlinked) {
            mended += (mended.empty() ? "" : " ") + kept.text;
        }
    }
    return mended;
}

}  // namespace twinctl
