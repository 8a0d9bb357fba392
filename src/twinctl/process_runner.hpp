// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "core/user.hpp"

namespace twinctl {

/// How a child ends that could not become what it was to be (RunRequest::identity, ::directory).
inline constexpr int exit_unable = 111;

struct RunResult {
    int status = 0;       ///< exit status; 128+N after signal N
    bool timed_out = false;  ///< it was killed at the deadline
    std::string output;      ///< stdout, and stderr as it came unless split
    std::string errors;      ///< stderr, if split
};

struct RunRequest {
    std::vector<std::string> argv;         ///< argv[0] is looked up on PATH
    std::vector<std::string> environment;  ///< the whole of it, as KEY=VALUE
    int timeout_ms = 0;                    ///< 0: wait for ever
    bool split = false;                    ///< keep stderr apart from stdout
    std::string directory = {};            ///< where it works; empty: where we do
    const Identity* identity = nullptr;    ///< whom it runs as, unless as us
    /// A program of somebody who is not trusted: in a session of its own, away from our terminal; whatever
    /// it has started ends with it; writes files of at most 1 MiB, its output too.
    bool confined = false;
    bool gently = false;                   ///< SIGTERM at the deadline, SIGKILL 5 s after it
    std::function<void(pid_t)> every_second = {};  ///< called with the child's pid while it runs
};

/// Runs a program in a process group of its own, so that Ctrl-C at the terminal is ours to answer.
/// Its output goes to a memory file, not a pipe: a daemon that it leaves behind may keep
/// the descriptor open for ever. Throws SystemError if it cannot be started.
RunResult run_program(const RunRequest& request);

/// What a program of ours is given: PATH, LANG, TERM, and nothing else of the caller's.
std::vector<std::string> plain_environment();

}  // namespace twinctl
