// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <map>
#include <memory>

#include "calls.hpp"
#include "options.hpp"

namespace twinctl {

/// Follows a command and its descendants from one system call to the next (ptrace(2)).
class Tracer {
public:
    explicit Tracer(const Options& options);

    /// Returns as the first process ends: its status, 128+N for a signal.
    int run();

private:
    struct Tracee {
        bool in_call = false;
        bool refused = false;  ///< the call it is in is to fail
    };

    void start();
    /// One report of waitpid(2). True when the first process has ended.
    bool handle(pid_t pid, int status);
    void stopped(pid_t pid, int status);
    void at_call(pid_t pid);
    void entering(pid_t pid, Tracee& tracee);
    bool is_meant(pid_t pid, const Change& change) const;
    void note(pid_t pid, const Change& change);
    void kill_them(pid_t pid);
    void go_on(pid_t pid, int signal);

    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

    const Options& options_;
    pid_t first_ = 0;
    bool executed_ = false;
    unsigned long count_ = 0;
    int status_ = 0;
    std::map<pid_t, Tracee> tracees_;
    File list_;
};

}  // namespace twinctl
