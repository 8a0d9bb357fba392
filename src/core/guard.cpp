// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/guard.hpp"

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/openrc.hpp"
#include "core/record.hpp"
#include "core/sockets.hpp"

namespace twinctl {

GuardMode parse_guard_mode(const std::string& text) {
    if (text == "enforce") {
        return GuardMode::Enforce;
    }
    if (text == "warn") {
        return GuardMode::Warn;
    }
    if (text == "off") {
        return GuardMode::Off;
    }
    throw InputError("'" + printable(text) + "': it must be enforce, warn or off");
}

std::string why_not_up(const Layout& layout, const TwinName& twin) {
    const auto state = service_state(layout.svcdir, twin.str());
    if (state != ServiceState::Started) {
        return std::string("is ") + to_string(state);
    }
    const auto record = read_record(layout, twin);
    if (!record || !is_alive(record->process)) {
        return "is marked started, but its process is dead";
    }
    if (exists(layout.draining(twin))) {
        return "is hung up";
    }
    if (!listens_on_all(parse_ports(record->ports), twin.parity, record->process.pid)) {
        return "does not listen on its port";
    }
    return {};
}

GuardFacts look_around(const Layout& layout, const TwinName& twin, bool environment_going_down) {
    GuardFacts facts;
    facts.going_down = environment_going_down;
    facts.pair_stopping = service_state(layout.svcdir, twin.pair) == ServiceState::Stopping &&
                          is_being_changed(layout.svcdir, twin.pair);
    const auto record = read_record(layout, twin);
    facts.self_alive = record && is_alive(record->process);
    facts.sibling_lack = why_not_up(layout, twin.sibling());
    return facts;
}

std::optional<std::string> why_refused(const GuardFacts& facts, const TwinName& twin) {
    if (facts.going_down || facts.pair_stopping || !facts.self_alive ||
        facts.sibling_lack.empty()) {
        return {};
    }
    return twin.str() + " is the last twin: " + twin.sibling().str() + " " + facts.sibling_lack;
}

}  // namespace twinctl
