// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/pidfile.hpp"

#include <sys/types.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "core/trust.hpp"

namespace twinctl {

namespace {

/// As /proc/PID/cmdline has it: each word is ended by a NUL (proc(5)).
std::string as_words(const std::vector<std::string>& command) {
    std::string words;
    for (const auto& word : command) {
        words += word + '\0';
    }
    return words;
}

/// Its supervisor, and whoever is about to become the twin, have its name among their words.
bool names(const std::string& words, const TwinName& twin) {
    const auto name = '\0' + twin.str() + '\0';
    return words.find(name) != std::string::npos;
}

}  // namespace

bool forget_reused_pid(const Layout& layout, const TwinName& twin) {
    const auto text = read_own_file_if_any(layout.pidfile(twin)).value_or("");
    const auto process = process_at(static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10)));
    if (!process) {
        return false;
    }
    try {
        const auto record = read_record(layout, twin);
        const auto words =
            read_file_if_any("/proc/" + std::to_string(process->pid) + "/cmdline").value_or("");
        // Without a record nobody knows; with the same command it is the twin, whatever the record says.
        if (!record || record->process == *process || names(words, twin) ||
            words == as_words(record->command)) {
            return false;
        }
    } catch (const SystemError&) {
        return false;
    }
    return remove_file(layout.pidfile(twin));
}

}  // namespace twinctl
