// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/layout.hpp"
#include "twinctl/config.hpp"
#include "twinctl/context.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/system_world.hpp"
#include "twinctl/world.hpp"

namespace twinctl {

/// Somebody else holds the pair; twinctl exits with 13.
struct Busy : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A pair of the running system and all that is needed to change it.
class Session {
public:
    /// Throws InputError where there is no such pair, or its configuration is wrong, and
    /// SystemError where this is no system to change: not root, not booted by OpenRC.
    Session(Context& context, std::string pair, bool progress_on_terminal = true);

    /// Takes the pair's lock for WHAT until the session ends. Throws Busy with who has it.
    void lock(const std::string& what);
    void unlock() { lock_ = Fd(); }

    /// What a swap works on.
    World world() { return {rc, observer, front, notebook, clock, *progress}; }
    Swap make_swap() { return {pair, configs, world()}; }

    /// What rc-service is to be told to start the pair: OpenRC takes one that is marked started at its
    /// word, even when both twins have crashed.
    std::vector<std::string> start_words();

    /// Stops a twin that was left draining and is done, and one whose rehearsal was killed, if nobody else is at the pair.
    void reap_left();

    Context& context;
    const std::string pair;
    std::vector<Config> configs;
    ProcessRcService rc;
    SystemObserver observer;
    SystemFront front;
    FileNotebook notebook;
    SystemClock clock;
    std::unique_ptr<Progress> progress;

private:
    Fd lock_;
};

/// Throws InputError unless both twins of PAIR are installed.
void require_pair(const Layout& layout, const std::string& pair);

/// Throws InputError where --root names an image.
void require_running_system(const Context& context);

/// Throws SystemError unless the caller is root.
void require_root();

/// Throws SystemError unless OpenRC has booted this system.
void require_booted(const Layout& layout);

}  // namespace twinctl
