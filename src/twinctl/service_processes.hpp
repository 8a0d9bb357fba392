// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/process.hpp"

namespace twinctl {

/// The processes of a service that is no pair, at one moment: those that have RC_SVCNAME of it in
/// their environment (openrc-run(8); OpenRC 0.62 and later take it away), are in its cgroup, or are named by the pidfile that
/// start-stop-daemon(8) has noted, and all their descendants. A program may clear the first and
/// leave the second, but hardly all three.
class ServiceProcesses {
public:
    ServiceProcesses(const Layout& layout, const std::string& service);

    bool has(pid_t pid) const { return pids_.count(pid) != 0; }

    /// Which of them have the socket of an inode open.
    std::map<std::uint64_t, std::set<pid_t>> sockets() const;

    /// Those of WANTED that no other of WANTED has started.
    std::vector<ProcessId> first_of(const std::set<pid_t>& wanted) const;
    std::vector<ProcessId> roots() const { return first_of(pids_); }

private:
    /// PID and its ancestors.
    std::vector<pid_t> line_of(pid_t pid) const;

    std::map<pid_t, pid_t> parents_;  ///< of every process of the machine
    std::set<pid_t> pids_;
};

/// The service whose RC_SVCNAME is in the process's environment, or whose pidfile names it or one above it; or "".
std::string service_name_of(const Layout& layout, pid_t pid);

/// The pidfile that start-stop-daemon(8) has noted in a file of /run/openrc/daemons/NAME, or "".
std::string noted_pidfile(const std::string& text);

/// Whether /proc/PID/cgroup has it in the cgroup that OpenRC makes for SERVICE.
bool is_in_cgroup(const std::string& text, const std::string& service);

}  // namespace twinctl
