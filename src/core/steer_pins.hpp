// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bpf.hpp"
#include "core/files.hpp"
#include "core/public_socket.hpp"

namespace twinctl {

/// One attached program with its maps: the pins "active", "sockets" and, as the last one to be
/// made, "link" in DIRECTORY of a bpf file system.
class SteerPins {
public:
    explicit SteerPins(std::string directory) : directory_(std::move(directory)) {}

    const std::string& directory() const { return directory_; }

    /// Makes them, attached to this network namespace. The directory must not be there.
    void create(const std::vector<PublicSocket>& publics, int active) const;

    /// What is attached, or nothing where it was not brought to its end.
    std::optional<NetnsLink> link() const;

    Fd active_map() const { return open_bpf_pin(directory_ + "/active"); }
    Fd sockets_map() const { return open_bpf_pin(directory_ + "/sockets"); }

    /// To another directory, which must not be there.
    void move_to(const SteerPins& other) const;

    /// Detaches the program, at once, and removes the pins. No error where there are none.
    void remove() const;

private:
    std::string directory_;
};

/// The inode of this process's network namespace.
std::uint64_t own_netns();

}  // namespace twinctl
