// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace twinctl {

using Clock = std::chrono::steady_clock;

/// A shell command that runs in the background, and what it prints.
class Actor {
public:
    /// Starts it. Throws SystemError.
    explicit Actor(const std::string& command);
    Actor(Actor&& other) noexcept;
    Actor(const Actor&) = delete;
    Actor& operator=(const Actor&) = delete;
    /// Kills it, if it still runs.
    ~Actor();

    pid_t pid() const { return pid_; }

    /// True when it has ended; asks, and does not wait.
    bool has_ended();

    /// False if it has not ended until DEADLINE.
    bool wait_until(Clock::time_point deadline);

    /// kill -9. With TREE all that it has started as well, but for the services.
    void kill(bool tree);

    void signal(int number) const;

    /// 128 + N after signal N. Only once it has ended.
    int status() const { return status_; }

    std::string output() const;

private:
    std::string file_;
    pid_t pid_ = 0;
    bool ended_ = false;
    int status_ = 0;
};

/// What a command that was waited for has done.
struct Done {
    int status = 0;
    std::string output;
};

/// Runs COMMAND to its end; status 124 if it did not end in time and was killed.
Done run_shell(const std::string& command, std::chrono::seconds timeout = std::chrono::seconds(60));

}  // namespace twinctl
