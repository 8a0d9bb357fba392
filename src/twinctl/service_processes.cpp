// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/service_processes.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/files.hpp"
#include "core/proc_text.hpp"

namespace twinctl {

namespace {

std::string proc(pid_t pid, const char* file) {
    return read_file_if_any("/proc/" + std::to_string(pid) + "/" + file).value_or("");
}

/// The value of the line that begins with KEY, or "".
std::string line_after(const std::string& text, const std::string& key) {
    const auto lines = "\n" + text;
    const auto at = lines.find("\n" + key);
    const auto begin = at + 1 + key.size();
    return at == std::string::npos ? "" : lines.substr(begin, lines.find('\n', begin) - begin);
}

std::set<pid_t> named_by_pidfiles(const Layout& layout, const std::string& service) {
    std::set<pid_t> pids;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(layout.svcdir + "/daemons/" + service, none)) {
        const auto pidfile = noted_pidfile(read_file_if_any(entry.path().string()).value_or(""));
        const auto pid = pidfile.empty() ? std::nullopt : parse_pid(read_file_if_any(pidfile).value_or(""));
        if (pid) {
            pids.insert(*pid);
        }
    }
    return pids;
}

std::string name_in_environment(pid_t pid) {
    const auto environment = std::string(1, '\0') + proc(pid, "environ");
    const auto key = std::string("\0RC_SVCNAME=", 12);
    const auto at = environment.find(key);
    return at == std::string::npos ? "" : std::string(environment.c_str() + at + key.size());
}

}  // namespace

std::string service_name_of(const Layout& layout, pid_t pid) {
    if (auto name = name_in_environment(pid); !name.empty()) {
        return name;
    }
    for (const auto& service : names_in(layout.svcdir + "/daemons")) {
        const auto begun = named_by_pidfiles(layout, service);
        for (pid_t at = pid; at > 1;) {
            if (begun.count(at) != 0) {
                return service;
            }
            const auto stat = parse_stat(proc(at, "stat"));
            at = stat ? stat->parent : 0;
        }
    }
    return {};
}

std::string noted_pidfile(const std::string& text) {
    return line_after(text, "pidfile=");
}

bool is_in_cgroup(const std::string& text, const std::string& service) {
    return (text + "\n").find("/openrc." + service + "\n") != std::string::npos;
}

ServiceProcesses::ServiceProcesses(const Layout& layout, const std::string& service) {
    std::set<pid_t> begun = named_by_pidfiles(layout, service);
    each_number_in("/proc", [&](long number) {
        const auto pid = static_cast<pid_t>(number);
        if (const auto stat = parse_stat(proc(pid, "stat"))) {
            parents_.emplace(pid, stat->parent);
            if (name_in_environment(pid) == service || is_in_cgroup(proc(pid, "cgroup"), service)) {
                begun.insert(pid);
            }
        }
        return true;
    });
    for (const auto& [pid, parent] : parents_) {
        const auto line = line_of(pid);
        if (std::any_of(line.begin(), line.end(), [&](pid_t at) { return begun.count(at) != 0; })) {
            pids_.insert(pid);
        }
    }
}

std::vector<pid_t> ServiceProcesses::line_of(pid_t pid) const {
    std::vector<pid_t> line;
    // Pids that changed hands during the look could lead in a circle.
    for (auto at = parents_.find(pid); at != parents_.end() && line.size() < parents_.size();
         at = parents_.find(at->second)) {
        line.push_back(at->first);
    }
    return line;
}

std::map<std::uint64_t, std::set<pid_t>> ServiceProcesses::sockets() const {
    std::map<std::uint64_t, std::set<pid_t>> holders;
    for (const auto pid : pids_) {
        each_descriptor(pid, [&](int, std::string_view target) {
            if (const auto inode = socket_inode_of(target)) {
                holders[*inode].insert(pid);
            }
            return true;
        });
    }
    return holders;
}

std::vector<ProcessId> ServiceProcesses::first_of(const std::set<pid_t>& wanted) const {
    std::vector<ProcessId> first;
    for (const auto pid : wanted) {
        const auto line = line_of(pid);
        const bool has_begun = std::none_of(line.begin(), line.end(), [&](pid_t above) {
            return above != pid && wanted.count(above) != 0;
        });
        if (const auto process = has_begun ? process_at(pid) : std::nullopt) {
            first.push_back(*process);
        }
    }
    return first;
}

}  // namespace twinctl
