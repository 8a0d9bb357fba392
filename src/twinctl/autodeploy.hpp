// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/layout.hpp"
#include "twinctl/config.hpp"
#include "twinctl/deploy_queue.hpp"
#include "twinctl/watches.hpp"

namespace twinctl {

/// The service that deploys what is uploaded: one loop, and a `twinctl deploy` of its own for each
/// release, so that no pair waits for another and a killed loop leaves a swap to go on.
class Autodeploy {
public:
    /// LEVEL is one of syslog(3).
    using Log = std::function<void(int level, const std::string& text)>;

    /// PAIRS: which; empty: all that have releases, as they come and go. PROGRAM is twinctl.
    Autodeploy(Layout layout, std::vector<std::string> pairs, std::string program, Log log);

    /// Until SIGTERM or SIGINT, and then until what is being deployed has ended. SIGHUP: everything is read anew.
    void run();

private:
    struct Child {
        pid_t pid = -1;
        Fd pidfd;
        Fd output;  ///< a file in memory
        Fd errors;
        std::int64_t began_ms = 0;
    };
    struct Pair {
        ReleaseSettings settings;
        DeployQueue queue;
        std::optional<Child> child;
        std::string release;        ///< what CHILD deploys
        bool gone = false;          ///< to be forgotten as soon as CHILD has ended
        std::string trouble;        ///< that was said last
    };

    void read_pairs();
    void read_pair(const std::string& name);
    void watch_everything();
    void watch(const std::string& name, const Pair& pair);
    void note_change(const std::string& owner, const std::string& name);
    void look(const std::string& name, Pair& pair);
    void spawn(const std::string& name, Pair& pair, const std::string& id);
    void reap(const std::string& name, Pair& pair);
    void say_once(const std::string& name, Pair& pair, const std::string& trouble);
    int wait_ms() const;

    Layout layout_;
    std::vector<std::string> only_;
    std::string program_;
    Log log_;
    Watches watches_;
    bool is_blind_ = false;  ///< the kernel gives no inotify
    std::map<std::string, Pair> pairs_;
    std::map<std::string, std::int64_t> to_read_;  ///< pairs whose configuration has changed, and when to read it
    std::int64_t next_round_ms_ = 0;
};

}  // namespace twinctl
