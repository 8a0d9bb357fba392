// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "scan.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "core/files.hpp"
#include "core/process.hpp"

namespace twinctl {

namespace {

std::string file_of(pid_t pid, const char* name) {
    return read_file_if_any("/proc/" + std::to_string(pid) + "/" + name).value_or("");
}

std::vector<std::string> split_at_zeros(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\0', at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

bool has_word(const Seen& process, const char* word) {
    return std::find(process.argv.begin(), process.argv.end(), word) != process.argv.end();
}

}  // namespace

std::vector<Seen> scan_processes() {
    std::vector<Seen> processes;
    each_number_in("/proc", [&](long number) {
        Seen seen;
        seen.pid = static_cast<pid_t>(number);
        // "PID (COMM) STATE PARENT ..."; COMM may hold anything.
        const auto stat = file_of(seen.pid, "stat");
        const auto open = stat.find('(');
        const auto close = stat.rfind(") ");
        if (open == std::string::npos || close == std::string::npos || stat[close + 2] == 'Z') {
            return true;
        }
        seen.comm = stat.substr(open + 1, close - open - 1);
        seen.parent = static_cast<pid_t>(std::strtol(stat.c_str() + close + 3, nullptr, 10));
        seen.argv = split_at_zeros(file_of(seen.pid, "cmdline"));
        if (!seen.argv.empty()) {
            processes.push_back(std::move(seen));
        }
        return true;
    });
    return processes;
}

bool is_service(const Seen& process) {
    // The kernel cuts a name at 15 characters (proc(5), comm). twin-exec --twin becomes the service.
    return process.comm == "parityd" || process.comm == "supervise-daemo" ||
           (process.comm == "twin-exec" && has_word(process, "--twin") && !has_word(process, "--prepare"));
}

bool is_command(const Seen& process) {
    static const char* const names[] = {"rc-service", "openrc-run",     "openrc-run.sh",   "openrc",
                                        "twinctl",    "start-stop-daem", "rc-update", "rc-depend",
                                        "twin-exec",  "gendepends.sh"};
    if (is_service(process)) {
        return false;
    }
    const auto is = [&](const char* name) { return process.comm == name; };
    return std::any_of(std::begin(names), std::end(names), is) ||
           std::any_of(process.argv.begin(), process.argv.end(), [](const std::string& word) {
               return word.ends_with("/openrc-run.sh") || word.ends_with("/gendepends.sh");
           });
}

std::vector<Seen> tree_of(const std::vector<Seen>& processes, pid_t pid) {
    std::vector<Seen> tree;
    std::vector<pid_t> pids{pid};
    for (std::size_t i = 0; i < pids.size(); ++i) {
        for (const auto& process : processes) {
            if (process.pid == pid && i == 0) {
                tree.push_back(process);
            } else if (process.parent == pids[i]) {
                tree.push_back(process);
                pids.push_back(process.pid);
            }
        }
    }
    return tree;
}

std::string variable_of(pid_t pid, const std::string& name) {
    for (const auto& entry : split_at_zeros(file_of(pid, "environ"))) {
        if (entry.starts_with(name + "=")) {
            return entry.substr(name.size() + 1);
        }
    }
    return {};
}

std::string to_text(const Seen& process) {
    std::string text = std::to_string(process.pid);
    for (const auto& word : process.argv) {
        text += " " + word;
    }
    return text.substr(0, 200);
}

}  // namespace twinctl
