// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/neighbours.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <string_view>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/public_claims.hpp"
#include "twinctl/assignments.hpp"
#include "twinctl/pair_status.hpp"

namespace twinctl {

namespace {

/// What is there is gone with the process, or is no data.
constexpr std::string_view passing_places[] = {"/run/", "/var/run/", "/tmp/", "/var/tmp/", "/dev/", "/proc/", "/sys/", "/var/log/"};

/// All that a pair is told to listen on, by name.
struct Place {
    PublicSocket socket;
    std::string owner;  ///< "port 8081 is web.1's"
};

std::vector<Place> places_of(const std::string& pair, const std::vector<Port>& ports,
                             const std::vector<PublicSocket>& publics) {
    std::vector<Place> places;
    for (const auto& port : ports) {
        for (int parity = 0; parity < 2; ++parity) {
            PublicSocket socket;
            socket.address = port.address;
            socket.port = port.of(parity);
            places.push_back({socket, "port " + endpoint_text(port.address, socket.port) + " is " +
                                          TwinName{pair, parity}.str() + "'s"});
        }
    }
    for (const auto& socket : publics) {
        places.push_back({socket, "the public socket " + socket.text() + " is " + pair + "'s"});
    }
    return places;
}

std::vector<Place> places_of(const Layout& layout, const std::string& pair) {
    try {
        std::map<std::string, std::string> values;
        parse_assignments(read_file_if_any(layout.conf(pair)).value_or(""), false, values);
        return places_of(pair, parse_ports(values["twin_ports"]), parse_public(values["twin_public"]));
    } catch (const InputError&) {
        // That pair's own trouble.
        return {};
    }
}

bool is_nobodys(std::string_view path) {
    return path.ends_with(" (deleted)") || path.ends_with(".log") || path.ends_with(".pid") ||
           std::any_of(std::begin(passing_places), std::end(passing_places),
                       [&](std::string_view place) { return path.starts_with(place); });
}

bool is_open_for_writing(pid_t pid, int fd) {
    const auto info = read_file_if_any("/proc/" + std::to_string(pid) + "/fdinfo/" + std::to_string(fd)).value_or("");
    const auto at = info.find("flags:");
    const auto flags = at == std::string::npos ? 0 : std::strtol(info.c_str() + at + 6, nullptr, 8);
    return (flags & O_ACCMODE) != O_RDONLY;
}

bool is_data(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

std::string shared_with_pair(const Layout& layout, const std::string& pair, const std::vector<Port>& ports,
                             const std::vector<PublicSocket>& publics) {
    const auto own = places_of(pair, ports, publics);
    for (const auto& other : list_pairs(layout)) {
        if (other == pair || own.empty()) {
            continue;
        }
        for (const auto& theirs : places_of(layout, other)) {
            for (const auto& ours : own) {
                if (overlap(ours.socket, theirs.socket)) {
                    return ours.owner + ", and " + theirs.owner + " (" + layout.conf(other) + ")";
                }
            }
        }
    }
    return {};
}

std::string shared_file(const ProcessId& process, const std::string& twin) {
    std::string found;
    for (const auto pid : process_tree(process.pid)) {
        each_descriptor(pid, [&](int fd, std::string_view target) {
            const bool is_file = target.starts_with('/') && !is_nobodys(target) && target.find(twin) == std::string_view::npos;
            if (is_file && is_open_for_writing(pid, fd) && is_data(std::string(target))) {
                found = target;
            }
            return found.empty();
        });
        if (!found.empty()) {
            break;
        }
    }
    return found;
}

}  // namespace twinctl
