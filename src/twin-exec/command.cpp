// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/command.hpp"

#include <cstdint>

#include "core/files.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/program.hpp"
#include "core/release.hpp"
#include "core/sockets.hpp"
#include "core/words.hpp"
#include "twin-exec/modes.hpp"

namespace twinctl {

namespace {

std::string require_program(const std::string& name) {
    if (const auto path = find_program(name)) {
        return *path;
    }
    if (name.find('/') == std::string::npos) {
        throw Refusal{exit_code::not_found,
                      "no program '" + printable(name) + "' on PATH; set twin_command"};
    }
    throw Refusal{exists(name) ? exit_code::cannot_execute : exit_code::not_found,
                  "cannot execute " + printable(name) +
                      (exists(name) ? ": it is no file that may be executed" : ": there is no such file")};
}

}  // namespace

std::string taken_by(const std::string& address, std::uint16_t number) {
    const auto listener = find_listener(address, number);
    if (!listener) {
        return " by a connection; keep base ports out of net.ipv4.ip_local_port_range";
    }
    return " by " + holder_text(listener->inode);
}

Command resolve_command(const Options& options, const std::vector<std::string>& fds) {
    Command command;
    const auto slot = slot_path(options.releases, options.twin.parity);
    for (const auto& word : options.command) {
        command.argv.push_back(replace_placeholders(word, options.twin, options.serving.ports, fds, slot));
    }
    if (!slot.empty() && !exists(slot)) {
        throw Refusal{exit_code::not_found, options.twin.str() + " has no release yet: `twinctl deploy " +
                                                options.twin.pair + " ID` gives it one"};
    }
    command.path = require_program(command.argv.front());
    return command;
}

void check_ports_free(const Options& options) {
    for (const auto& port : options.serving.ports) {
        const auto number = port.of(options.twin.parity);
        if (!can_bind(port.address, number)) {
            throw Refusal{exit_code::refused, "port " + endpoint_text(port.address, number) +
                                                  " is taken" + taken_by(port.address, number)};
        }
    }
}

}  // namespace twinctl
