// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/stale.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <climits>
#include <cstddef>

#include "core/names.hpp"
#include "core/program.hpp"

namespace twinctl {

namespace {

/// proc_pid_exe(5): a file that was replaced in place is gone from its directory.
bool runs_what_is_gone(pid_t pid) {
    char path[PATH_MAX];
    const auto length = readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path, sizeof path);
    return length > 0 && std::string(path, static_cast<std::size_t>(length)).ends_with(" (deleted)");
}

}  // namespace

std::string why_stale(const Layout& layout, const TwinName& twin, const Config& config, const Record& record) {
    if (runs_what_is_gone(record.process.pid)) {
        return "the program of " + twin.str() + " has been replaced";
    }
    const auto program = find_program(config.command);
    if (program && fingerprint(*program, config_sum(layout, twin)) != record.fingerprint) {
        return "the program, the configuration or the initscript of " + twin.str() + " has changed";
    }
    return {};
}

}  // namespace twinctl
