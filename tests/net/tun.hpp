// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "../service/unique_fd.hpp"
#include "handshakes.hpp"

namespace twinctl {

/// A tun device to be made: what it is called, and its IPv4 address and network.
struct Device {
    std::string name;
    in_addr address{};
    unsigned prefix = 24;
};

/// A network namespace, as ip-netns(8) names it, or as a path such as /proc/PID/ns/net, or `self`.
class NetworkNamespace {
public:
    /// Throws std::system_error where there is none.
    explicit NetworkNamespace(const std::string& name_or_path);

    /// Makes it that of the calling thread.
    void enter() const;

private:
    std::string name_;
    UniqueFd fd_;
};

/// A tun(4) device that is up for as long as this exists. What the kernel sends through it is read
/// here, and what is written here the kernel receives from it. Failures: std::system_error.
class Tun {
public:
    /// Leaves the calling thread in `where`.
    Tun(const NetworkNamespace& where, const Device& device);

    /// The size of the next packet, 0 if there is none now.
    std::size_t read(std::span<unsigned char> buffer) const;
    /// False: the kernel did not want it.
    bool write(Bytes packet) const;
    /// How many packets the kernel threw away because they were not read in time. `where` as above.
    std::uint64_t overrun(const NetworkNamespace& where) const;

    int fd() const { return fd_.get(); }

private:
    std::string name_;
    UniqueFd fd_;
};

} // namespace twinctl
