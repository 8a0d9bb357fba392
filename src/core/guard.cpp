// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/guard.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstddef>
#include <string_view>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/openrc.hpp"
#include "core/pair_lock.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "core/serving.hpp"
#include "core/trust.hpp"

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

namespace {

constexpr int young_s = 30;
constexpr int looks = 100;  // times 10 ms: 1 s

/// A socket that was handed over listens before the service does, and that of a master before it has workers. A twin that
/// has just been started is looked at; one that has been there for long may be too busy to be seen waiting.
bool takes_connections(const Record& record, int parity) {
    if (age_s(record.process) > young_s) {
        return true;
    }
    for (int look = 0; look < looks; ++look) {
        if (serves(record, parity)) {
            return true;
        }
        usleep(10000);
    }
    return serves_if_asked(record, parity);
}

/// OpenRC marks a twin that runs starting once more, for a moment, when it was told to start it
/// while somebody else did. Returns its state after that.
ServiceState settled_state(const Layout& layout, const TwinName& twin) {
    auto state = service_state(layout.svcdir, twin.str());
    for (int look = 0; look < looks && state == ServiceState::Starting; ++look) {
        const auto record = read_record(layout, twin);
        if (!record || !is_alive(record->process) || !listens(*record, twin.parity)) {
            break;
        }
        usleep(10000);
        state = service_state(layout.svcdir, twin.str());
    }
    return state;
}

/// Of a twin in STATE. Empty if it is up.
std::string why_not_up(const Layout& layout, const TwinName& twin, ServiceState state, const std::optional<Record>& record) {
    if (state != ServiceState::Started) {
        return std::string("is ") + to_string(state);
    }
    if (!record || !is_alive(record->process)) {
        return "is marked started, but its process is dead";
    }
    if (record->rehearsal) {
        return "is only being rehearsed";
    }
    if (exists(layout.draining(twin))) {
        return "is hung up";
    }
    return {};
}

}  // namespace

bool is_up(const Layout& layout, const TwinName& twin) {
    return why_not_up(layout, twin, service_state(layout.svcdir, twin.str()), read_record(layout, twin)).empty();
}

std::string why_not_up(const Layout& layout, const TwinName& twin) {
    const auto state = settled_state(layout, twin);
    const auto record = read_record(layout, twin);
    if (auto why = why_not_up(layout, twin, state, record); !why.empty()) {
        return why;
    }
    if (!listens(*record, twin.parity)) {
        return "does not listen on its port";
    }
    if (!takes_connections(*record, twin.parity)) {
        return "listens, but no process of it takes connections yet";
    }
    return {};
}

bool is_supervisor(pid_t pid) {
    const auto directory = "/proc/" + std::to_string(pid);
    // Not by its name (comm), which every process may choose: by its program, run as root.
    char program[PATH_MAX];
    const auto length = readlink((directory + "/exe").c_str(), program, sizeof program);
    if (pid <= 0 || length <= 0) {
        return false;
    }
    const std::string_view path(program, static_cast<std::size_t>(length));
    // The kernel's addition: OpenRC has been updated meanwhile.
    if (!path.ends_with("/supervise-daemon") && !path.ends_with("/supervise-daemon (deleted)")) {
        return false;
    }
    struct stat info {};
    return stat(directory.c_str(), &info) == 0 && info.st_uid == 0;
}

bool has_supervisor(const Layout& layout, const TwinName& twin) {
    const auto pid = parse_pid(read_own_file_if_any(layout.pidfile(twin)).value_or(""));
    return pid && is_supervisor(*pid);
}

GuardFacts look_around(const Layout& layout, const TwinName& twin, bool environment_going_down) {
    GuardFacts facts;
    facts.going_down = environment_going_down;
    // Starting: a start that has failed takes back what it has started.
    const auto pair_state = service_state(layout.svcdir, twin.pair);
    facts.pair_stopping = (pair_state == ServiceState::Stopping || pair_state == ServiceState::Starting) &&
                          is_being_changed(layout.svcdir, twin.pair) &&
                          (exists(layout.down(twin.pair)) ||
                           is_pair_lock_held_for(layout, twin.pair, "rc-service " + twin.pair + " stop"));
    const auto record = read_record(layout, twin);
    const bool stand_in = record && (record->placeholder || record->rehearsal);
    facts.self_alive = !stand_in && ((record && is_alive(record->process)) || has_supervisor(layout, twin));
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
