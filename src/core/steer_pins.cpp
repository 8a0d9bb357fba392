// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/steer_pins.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/steer_program.hpp"

namespace twinctl {

namespace {

constexpr auto own_netns_file = "/proc/self/ns/net";

void pin(const Fd& object, const std::string& path) {
    if (!pin_bpf(object, path)) {
        throw SystemError::from_errno("cannot pin " + path);
    }
}

Fd attach_here(const std::vector<PublicSocket>& publics, const Fd& active, const Fd& sockets) {
    const auto program = load_sk_lookup(steer_program(publics, active.get(), sockets.get()),
                                        steer_program_name(publics));
    if (!program) {
        throw SystemError::from_errno("cannot load a BPF program of type sk_lookup");
    }
    const Fd netns(open(own_netns_file, O_RDONLY | O_CLOEXEC));
    Fd link = netns ? link_to_netns(program, netns) : Fd();
    if (!link && netns && errno == E2BIG) {
        throw SystemError("cannot attach a BPF program: this network namespace has 64 of type "
                          "sk_lookup, and takes no more");
    }
    if (!link) {
        throw SystemError::from_errno("cannot attach a BPF program to the network namespace");
    }
    return link;
}

}  // namespace

void SteerPins::create(const std::vector<PublicSocket>& publics, int active) const {
    // Values of 8 bytes: to processes a sockmap shows a socket's cookie, if there is room for it.
    const auto slots = steer_slot(publics.size(), 0, 0);
    const auto sockets = create_bpf_map(BPF_MAP_TYPE_SOCKMAP, sizeof(std::uint64_t), slots, "twin_sockets");
    const auto active_parity = create_bpf_map(BPF_MAP_TYPE_ARRAY, sizeof(std::uint32_t), 1, "twin_active");
    const auto parity = static_cast<std::uint32_t>(active);
    if (!sockets || !active_parity || !update_bpf_map(active_parity, 0, &parity)) {
        throw SystemError::from_errno("cannot make a BPF map");
    }
    const auto link = attach_here(publics, active_parity, sockets);
    if (mkdir(directory_.c_str(), 0700) != 0) {
        throw SystemError::from_errno("cannot make " + directory_);
    }
    pin(active_parity, directory_ + "/active");
    pin(sockets, directory_ + "/sockets");
    pin(link, directory_ + "/link");
}

std::optional<NetnsLink> SteerPins::link() const {
    const auto path = directory_ + "/link";
    // Not by bpf(2): without permission that says EPERM before it has looked.
    if (access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return {};
    }
    const auto fd = open_bpf_pin(path);
    auto link = fd ? describe_link(fd) : std::nullopt;
    if (!link) {
        throw SystemError::from_errno("cannot read " + path);
    }
    return link;
}

void SteerPins::move_to(const SteerPins& other) const {
    if (rename(directory_.c_str(), other.directory_.c_str()) != 0) {
        throw SystemError::from_errno("cannot rename " + directory_);
    }
}

void SteerPins::remove() const {
    if (!exists(directory_)) {
        return;
    }
    if (const auto link = open_bpf_pin(directory_ + "/link")) {
        // EOPNOTSUPP and the like: it goes with its pin then.
        detach_link(link);
    }
    for (const auto* name : {"/link", "/sockets", "/active"}) {
        remove_file(directory_ + name);
    }
    if (rmdir(directory_.c_str()) != 0) {
        throw SystemError::from_errno("cannot remove " + directory_);
    }
}

std::uint64_t own_netns() {
    struct stat info {};
    if (stat(own_netns_file, &info) != 0) {
        throw SystemError::from_errno("cannot read " + std::string(own_netns_file));
    }
    return info.st_ino;
}

}  // namespace twinctl
