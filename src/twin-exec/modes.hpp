// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/files.hpp"
#include "core/layout.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

/// Exit codes of twin-exec; 126 and 127 are what a shell uses for a command that cannot be run.
namespace exit_code {
inline constexpr int not_up = 3;
inline constexpr int already_running = 3;
inline constexpr int retired = 4;
inline constexpr int refused = 12;
inline constexpr int usage = 100;
inline constexpr int system_call = 111;
inline constexpr int cannot_execute = 126;
inline constexpr int not_found = 127;
}  // namespace exit_code

/// A failure that is neither the user's words nor a system call: says which code to leave with.
struct Refusal {
    int status = exit_code::refused;
    std::string reason;
};

/// write_active, where a disk that is full or read-only is no reason not to serve.
void note_active(const Layout& layout, const std::string& pair, int parity);

/// Becomes the service. Returns only as the placeholder of a twin that was hung up.
int launch(const Options& options, const Layout& layout);

/// start_pre: everything that can be known to be wrong before a process is started.
int prepare(const Options& options, const Layout& layout);

/// twin_wait_for: returns when each of them takes connections. Throws Refusal after so many attempts.
void wait_for_others(const Options& options);

/// Held while it is found out, and acted upon, which twins of the pair are up; 5 s at most are
/// waited for it. Throws SystemError.
Fd take_guard_lock(const Layout& layout, const std::string& pair);

/// stop_pre and hup: 0 if the twin may stop (--hup: and has been hung up), 12 if not.
int guard(const Options& options, const Layout& layout);

/// 0 if the twin is up, 3 if it is not.
int up(const Options& options, const Layout& layout);

/// stop_post: ends the recorded process if the stop has left it alive. TERM, 10 s, KILL.
int reap(const Options& options, const Layout& layout);

/// Takes the pair's lock on a descriptor of the caller, who holds it from then on.
int lock(const Options& options, const Layout& layout);

}  // namespace twinctl
