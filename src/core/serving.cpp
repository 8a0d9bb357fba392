// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/serving.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "core/connect.hpp"
#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/listeners.hpp"
#include "core/means.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/sockets.hpp"
#include "core/steer.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

constexpr int ask_ms = 300;
constexpr int ask_step_ms = 5;

/// A place where the twin is to take connections.
struct Place {
    std::optional<std::uint64_t> inode;  ///< of whoever listens there
    bool handed = false;
    std::string address = {};
    std::uint16_t port = 0;              ///< 0: a Unix socket
};

std::vector<Place> places_of(const Record& record, int parity) {
    const auto names = handed_names(record);
    const auto is_handed = [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    const bool inherits = record.endpoint == Endpoint::Inherit;
    std::vector<Place> places;
    for (const auto& port : parse_ports(record.ports)) {
        const auto listener = find_listener(port.address, port.of(parity));
        places.push_back({listener ? std::optional(listener->inode) : std::nullopt,
                          is_handed(inherits ? port.name + "-parity" : port.name), port.address, port.of(parity)});
    }
    if (inherits) {
        for (const auto& socket : parse_public(record.publics)) {
            places.push_back({find_public_listener(socket), true, socket.address, socket.port});
        }
    }
    return places;
}

bool holds(const ProcessId& process, std::uint64_t inode) {
    // Nearly always the process itself has it; only then is there no need for the tree.
    return find_socket({process.pid}, inode) || find_socket(process_tree(process.pid), inode);
}

/// A master that listens for its workers, and has none yet, waits for other things.
bool takes_connections(const ProcessId& process, const Place& place) {
    return place.inode && (place.handed || holds(process, *place.inode)) &&
           (is_waiting_at(process, *place.inode) || (place.port != 0 && has_accepted_at(process, place.port)));
}

bool takes_one(const ProcessId& process, const Place& place) {
    // The sibling has a handed socket open as well, and might take the connection.
    if (place.handed || place.port == 0) {
        return false;
    }
    const auto client = connect_tcp(place.address, place.port, ask_ms);
    for (int waited = 0; client && waited < ask_ms; waited += ask_step_ms) {
        if (has_accepted_at(process, place.port)) {
            return true;
        }
        usleep(1000 * ask_step_ms);
    }
    return false;
}

}  // namespace

bool serves(const Record& record, int parity) {
    const auto places = places_of(record, parity);
    return std::all_of(places.begin(), places.end(),
                       [&](const Place& place) { return takes_connections(record.process, place); });
}

bool serves_if_asked(const Record& record, int parity) {
    const auto places = places_of(record, parity);
    return std::all_of(places.begin(), places.end(), [&](const Place& place) {
        return takes_connections(record.process, place) || takes_one(record.process, place);
    });
}

bool listens(const Record& record, int parity) {
    const auto places = places_of(record, parity);
    return std::all_of(places.begin(), places.end(), [&](const Place& place) {
        return place.inode && holds(record.process, *place.inode);
    });
}

std::vector<std::uint64_t> listeners_at(const Record& record, int parity) {
    std::vector<std::uint64_t> inodes;
    for (const auto& place : places_of(record, parity)) {
        if (place.inode) {
            inodes.push_back(*place.inode);
        }
    }
    return inodes;
}

Holder who_listens(const Record& record, int parity) {
    auto holder = Holder::Itself;
    for (const auto& place : places_of(record, parity)) {
        if (!place.inode || find_socket({record.process.pid}, *place.inode)) {
            continue;
        }
        const auto child = find_socket(process_tree(record.process.pid), *place.inode);
        if (child && getsid(child->pid) != getsid(record.process.pid)) {
            return Holder::Background;
        }
        holder = Holder::Child;
    }
    return holder;
}

bool has_listeners(const Record& record, int parity) {
    const auto places = places_of(record, parity);
    return std::any_of(places.begin(), places.end(), [&](const Place& place) {
        return place.inode && holds(record.process, *place.inode);
    });
}

Endpoint decide_endpoint(Serving serving, const std::string& public_text,
                         const std::optional<Record>& sibling) {
    const bool is_auto = serving.endpoint.empty() || serving.endpoint == "auto";
    if (sibling && is_auto && sibling->publics == public_text && !serving.publics.empty()) {
        serving.endpoint = to_string(sibling->endpoint);
    }
    const bool may_steer = !serving.publics.empty() && serving.endpoint != "direct" &&
                           serving.endpoint != "inherit";
    const auto endpoint = choose_endpoint(serving, may_steer ? why_no_steer() : "");
    if (const auto why = endpoint == Endpoint::Inherit ? why_no_taking() : ""; !why.empty()) {
        throw InputError("inherit cannot be had: " + why);
    }
    if (sibling && (sibling->endpoint != endpoint ||
                    (endpoint != Endpoint::Direct && sibling->publics != public_text))) {
        const auto text = [](Endpoint kind, const std::string& publics) {
            return to_string(kind) + (publics.empty() ? "" : " on " + publics);
        };
        throw InputError("the running twin has endpoint " + text(sibling->endpoint, sibling->publics) +
                         ", the configuration says " + text(endpoint, public_text));
    }
    return endpoint;
}

std::vector<std::string> handed_names(const Record& record) {
    std::vector<std::string> names;
    for (const auto name : blank_separated(record.handed)) {
        names.emplace_back(name);
    }
    return names;
}

}  // namespace twinctl
