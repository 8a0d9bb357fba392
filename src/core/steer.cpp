// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/steer.hpp"

#include <linux/bpf.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/bpf.hpp"
#include "core/bpf_mount.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/means.hpp"
#include "core/sockets.hpp"
#include "core/steer_pins.hpp"
#include "core/steer_program.hpp"

namespace twinctl {

namespace {

constexpr int families[] = {AF_INET, AF_INET6};  // in the order of their slots

// No pair's name has a colon. A dot is what bpffs itself allows in no name.
SteerPins next_of(const std::string& pins) {
    return SteerPins(pins + ":new");
}
SteerPins previous_of(const std::string& pins) {
    return SteerPins(pins + ":old");
}

std::string explain(int error, const std::string& what) {
    if (error == EPERM || error == EACCES) {
        return "no permission to use BPF (CAP_BPF and CAP_NET_ADMIN)";
    }
    if (error == ENOSYS) {
        return "this kernel has no bpf(2) (CONFIG_BPF_SYSCALL)";
    }
    if (error == EINVAL) {
        return "this kernel has no BPF " + what;
    }
    return std::string("BPF cannot be used: ") + SystemError::from_errno(what, error).what();
}

/// False if it is no listener any more.
bool put_socket(const Fd& map, std::uint32_t slot, const Fd& socket, const std::string& where) {
    const auto value = static_cast<std::uint64_t>(socket.get());
    if (update_bpf_map(map, slot, &value)) {
        return true;
    }
    const int error = errno;
    int protocol = 0;
    socklen_t size = sizeof protocol;
    if (error == EOPNOTSUPP &&
        getsockopt(socket.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0) {
        // A service gets one without asking for it: Go since 1.24, or by mptcpize(8).
        constexpr int mptcp = 262;
        if (protocol == mptcp) {
            throw SystemError("the listener on " + where +
                              " is an MPTCP socket, which cannot be steered (Go: GODEBUG=multipathtcp=0)");
        }
        return false;
    }
    throw SystemError::from_errno("cannot steer to the listener on " + where, error);
}

}  // namespace

const Port& port_for(const PublicSocket& socket, const std::vector<Port>& ports) {
    const auto found = std::find_if(ports.begin(), ports.end(),
                                    [&](const Port& port) { return port.name == socket.name; });
    if (found == ports.end()) {
        throw InputError("public socket '" + socket.text() + "': twin_ports has no port '" +
                         socket.name + "'");
    }
    return *found;
}

std::string why_no_steer() {
    if (auto why = why_no_taking(); !why.empty()) {
        return why;
    }
    const auto sockets = create_bpf_map(BPF_MAP_TYPE_SOCKMAP, sizeof(std::uint64_t), 4, "twin_sockets");
    if (!sockets) {
        return explain(errno, "sockmap (CONFIG_INET; before Linux 5.12 CONFIG_BPF_STREAM_PARSER)");
    }
    const auto active = create_bpf_map(BPF_MAP_TYPE_ARRAY, sizeof(std::uint32_t), 1, "twin_active");
    if (!active) {
        return explain(errno, "array");
    }
    // The real thing, so that a helper function which is missing shows as well.
    PublicSocket any;
    any.port = 1;
    if (!load_sk_lookup(steer_program({any}, active.get(), sockets.get()), "twin_probe")) {
        return explain(errno, "sk_lookup (Linux 5.9, CONFIG_INET)");
    }
    return {};
}

Steer::Steer(const Layout& layout, std::string pair)
    : layout_(layout), pair_(std::move(pair)), pins_(layout_.steering() + "/" + pair_) {}

bool Steer::stands(const std::vector<PublicSocket>& publics) const {
    const auto link = SteerPins(pins_).link();
    return link && link->netns == own_netns() && link->program == steer_program_name(publics);
}

void Steer::require_reachable() const {
    const auto link = SteerPins(pins_).link();
    if (link && link->netns != 0 && link->netns != own_netns()) {
        throw SystemError(pair_ + " is steered in another network namespace (inode " +
                          std::to_string(link->netns) + ")");
    }
}

void Steer::attach(const std::vector<PublicSocket>& publics, int active) {
    make_directories(layout_.runs());
    BpfMount mount(layout_.steering());
    mount.mount_if_missing();
    const SteerPins current(pins_);
    const auto next = next_of(pins_);
    const auto previous = previous_of(pins_);
    // Of one that was killed.
    next.remove();
    const auto link = current.link();
    const bool alive = link && link->netns != 0;
    require_reachable();
    if (alive && link->program == steer_program_name(publics)) {
        return;
    }
    try {
        next.create(publics, this->active().value_or(active));
    } catch (...) {
        next.remove();
        mount.unmount_if_empty();
        throw;
    }
    // Where there is a previous one still, the current one never had a twin in all of its slots.
    if (alive && !exists(previous.directory())) {
        current.move_to(previous);
    } else {
        current.remove();
    }
    next.move_to(current);
}

bool Steer::put(const std::vector<PublicSocket>& publics, const std::vector<Port>& ports,
                int parity, const ProcessId& process) {
    // The slots go by the order of the public sockets.
    if (!stands(publics)) {
        throw SystemError(pair_ + " is not steered for its public sockets");
    }
    const auto map = SteerPins(pins_).sockets_map();
    bool all = true;
    for (std::size_t i = 0; i < publics.size(); ++i) {
        const auto& port = port_for(publics[i], ports);
        bool any = false;
        for (const int f : {0, 1}) {
            const auto listener = takes_family(publics[i], families[f])
                                      ? find_listener(port.address, port.of(parity), families[f])
                                      : std::nullopt;
            const auto socket = listener ? take_socket(process, listener->inode) : Fd();
            any = (socket && put_socket(map, steer_slot(i, parity, f), socket,
                                        endpoint_text(port.address, port.of(parity)))) ||
                  any;
        }
        all = all && any;
    }
    const auto previous = previous_of(pins_);
    if (all && exists(previous.directory())) {
        const BpfMount lock(layout_.steering());
        previous.remove();
    }
    return all;
}

std::string Steer::lacks(const std::vector<PublicSocket>& publics, int parity) const {
    if (!stands(publics)) {
        return {};
    }
    const auto map = SteerPins(pins_).sockets_map();
    for (std::size_t i = 0; i < publics.size(); ++i) {
        for (const int f : {0, 1}) {
            std::uint64_t cookie = 0;
            if (look_up_bpf_map(map, steer_slot(i, 1 - parity, f), &cookie) &&
                !look_up_bpf_map(map, steer_slot(i, parity, f), &cookie)) {
                return publics[i].text() + (families[f] == AF_INET6 ? " by IPv6" : " by IPv4");
            }
        }
    }
    return {};
}

bool Steer::has(const std::vector<PublicSocket>& publics, int parity) const {
    if (!stands(publics)) {
        return false;
    }
    const auto map = SteerPins(pins_).sockets_map();
    for (std::size_t i = 0; i < publics.size(); ++i) {
        std::uint64_t cookie = 0;
        if (!look_up_bpf_map(map, steer_slot(i, parity, 0), &cookie) &&
            !look_up_bpf_map(map, steer_slot(i, parity, 1), &cookie)) {
            return false;
        }
    }
    return true;
}

unsigned Steer::filled(const std::vector<PublicSocket>& publics, int parity) const {
    unsigned count = 0;
    if (stands(publics)) {
        const auto map = SteerPins(pins_).sockets_map();
        for (std::size_t i = 0; i < publics.size(); ++i) {
            for (const int f : {0, 1}) {
                std::uint64_t cookie = 0;
                count += look_up_bpf_map(map, steer_slot(i, parity, f), &cookie) ? 1 : 0;
            }
        }
    }
    return count;
}

void Steer::point_at(int parity) {
    const auto value = static_cast<std::uint32_t>(parity);
    if (!update_bpf_map(SteerPins(pins_).active_map(), 0, &value)) {
        throw SystemError::from_errno("cannot steer " + pair_ + " to twin " + std::to_string(parity));
    }
}

std::optional<int> Steer::active() const {
    const SteerPins pins(pins_);
    const auto link = pins.link();
    std::uint32_t value = 0;
    if (!link || link->netns == 0 || !look_up_bpf_map(pins.active_map(), 0, &value)) {
        return {};
    }
    return static_cast<int>(value & 1);
}

void Steer::detach() {
    if (!exists(layout_.steering())) {
        return;
    }
    BpfMount mount(layout_.steering());
    for (const auto& pins : {SteerPins(pins_), next_of(pins_), previous_of(pins_)}) {
        pins.remove();
    }
    mount.unmount_if_empty();
}

}  // namespace twinctl
