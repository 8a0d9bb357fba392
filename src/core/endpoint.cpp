// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/endpoint.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/names.hpp"

namespace twinctl {

namespace {

constexpr char with_haproxy[] =
    "; HAProxy in front of the parity ports does it for any service (twin_endpoint=direct, "
    "`twinctl render haproxy`)";

bool mentions(const std::vector<std::string>& words, const std::string& text) {
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return word.find(text) != std::string::npos; });
}

const Port* port_named(const Serving& serving, const std::string& name) {
    const auto found = std::find_if(serving.ports.begin(), serving.ports.end(),
                                    [&](const Port& port) { return port.name == name; });
    return found == serving.ports.end() ? nullptr : &*found;
}

/// Empty, or why what SERVING says is nothing that can be steered.
std::string why_not_steered(const Serving& serving) {
    for (const auto& socket : serving.publics) {
        if (socket.is_unix()) {
            return "a Unix socket cannot be steered";
        }
        if (port_named(serving, socket.name) == nullptr) {
            return "twin_ports has no port '" + socket.name + "' to steer " + socket.text() + " to";
        }
    }
    return {};
}

void check_distinct(const Serving& serving) {
    for (const auto& socket : serving.publics) {
        for (const auto& port : serving.ports) {
            if (!socket.is_unix() && (socket.port == port.base || socket.port == port.base + 1)) {
                throw InputError("the public port " + socket.text() +
                                 " is one of the parity ports of twin_ports");
            }
        }
    }
}

}  // namespace

const char* to_string(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::Direct: return "direct";
        case Endpoint::Steer: return "steer";
        case Endpoint::Inherit: return "inherit";
    }
    return "";
}

Endpoint parse_endpoint(const std::string& text) {
    for (const auto endpoint : {Endpoint::Direct, Endpoint::Steer, Endpoint::Inherit}) {
        if (text == to_string(endpoint)) {
            return endpoint;
        }
    }
    throw InputError("'" + printable(text) + "': it must be auto, direct, steer or inherit");
}

ListenFds parse_listen_fds(const std::string& text) {
    if (text.empty() || text == "no") {
        return ListenFds::No;
    }
    if (text == "yes") {
        return ListenFds::Yes;
    }
    if (text == "nonblocking") {
        return ListenFds::Nonblocking;
    }
    throw InputError("'" + printable(text) + "': it must be yes, no or nonblocking");
}

bool Serving::takes_descriptors() const {
    return listen_fds != ListenFds::No || mentions(words, "{fd:") || mentions(words, "{fd}");
}

Endpoint choose_endpoint(const Serving& serving, const std::string& why_no_steer) {
    const bool is_auto = serving.endpoint.empty() || serving.endpoint == "auto";
    const auto wanted = is_auto ? Endpoint::Direct : parse_endpoint(serving.endpoint);
    check_distinct(serving);
    if (serving.publics.empty()) {
        if (wanted != Endpoint::Direct) {
            throw InputError(std::string(to_string(wanted)) + " needs twin_public");
        }
        return Endpoint::Direct;
    }
    if (wanted == Endpoint::Direct && !is_auto) {
        return Endpoint::Direct;
    }
    if (wanted == Endpoint::Inherit) {
        if (!serving.takes_descriptors()) {
            throw InputError("inherit needs a service that is handed its sockets: "
                             "twin_listen_fds=yes, or {fd:NAME} in twin_args");
        }
        return Endpoint::Inherit;
    }
    const auto settings = why_not_steered(serving);
    const auto& why = settings.empty() ? why_no_steer : settings;
    if (why.empty()) {
        return Endpoint::Steer;
    }
    if (wanted == Endpoint::Steer) {
        throw InputError("steer cannot be had: " + why + with_haproxy);
    }
    if (serving.takes_descriptors()) {
        return Endpoint::Inherit;
    }
    throw InputError("neither steer (" + why + ") nor inherit (the service takes no descriptors, "
                     "twin_listen_fds) can be had for twin_public" + with_haproxy);
}

std::vector<Handed> handed_to(const Serving& serving, Endpoint endpoint) {
    std::vector<Handed> handed;
    if (!serving.takes_descriptors()) {
        return handed;
    }
    const bool inherits = endpoint == Endpoint::Inherit;
    if (inherits) {
        for (const auto& socket : serving.publics) {
            handed.push_back({socket.name, &socket, nullptr});
        }
    }
    const bool binds_itself = mentions(serving.words, "{port}") || mentions(serving.words, "{port:");
    for (const auto& port : serving.ports) {
        const auto name = inherits ? port.name + "-parity" : port.name;
        const bool named = mentions(serving.words, "{fd:" + name + "}") ||
                           (handed.empty() && mentions(serving.words, "{fd}"));
        if (named || (serving.listen_fds != ListenFds::No && !binds_itself)) {
            handed.push_back({name, nullptr, &port});
        }
    }
    return handed;
}

}  // namespace twinctl
