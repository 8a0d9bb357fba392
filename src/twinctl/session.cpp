// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/session.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "core/error.hpp"
#include "core/layout.hpp"
#include "core/openrc.hpp"
#include "core/pair_lock.hpp"
#include "core/trust.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/progress.hpp"

namespace twinctl {

void require_pair(const Layout& layout, const std::string& pair) {
    for (int parity = 0; parity < 2; ++parity) {
        const auto script = layout.initscript(TwinName{pair, parity}.str());
        if (!exists(script)) {
            const bool was_there = is_there(layout.initscript(pair)) || is_there(script) || exists(layout.conf(pair));
            throw InputError("there is no pair " + pair + ": " + script +
                             (is_there(script) ? " leads to nothing" : " is missing") +
                             (was_there ? "; `twinctl install " + pair + "` puts it back" : ""));
        }
    }
}

void require_running_system(const Context& context) {
    if (!context.layout.root.empty()) {
        throw InputError("--root is for install, uninstall, list, check and render: an image has no running twins");
    }
}

void require_root() {
    if (geteuid() != 0) {
        throw SystemError("only root can do this");
    }
}

void require_booted(const Layout& layout) {
    if (!is_booted(layout.svcdir)) {
        throw SystemError("OpenRC has not booted this system: " + layout.svcdir + "/softlevel is missing");
    }
}

Session::Session(Context& context_, std::string pair_, bool show_progress)
    : context(context_), pair(std::move(pair_)), rc(context_.layout.svcdir, context_.verbose ? &context_.err : nullptr),
      observer(context_.layout), front(context_.layout), notebook(context_.layout) {
    require_running_system(context);
    require_pair(context.layout, pair);
    require_own_directories(context.layout, pair);
    configs = read_config(context.layout, pair);
    require_root();
    require_booted(context.layout);
    if (show_progress && !context.quiet) {
        progress = std::make_unique<TextProgress>(context.out, context.terminal, context.columns);
    } else {
        progress = std::make_unique<QuietProgress>(context.err);
    }
}

void Session::lock(const std::string& what) {
    const auto& layout = context.layout;
    make_directories(layout.run(pair));
    const auto path = layout.lock(pair);
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) {
        throw SystemError::from_errno("cannot open " + path);
    }
    // `status` looks whether the lock is free by taking it for a moment: that is no holder. Nor is
    // what a twinctl that was killed had just forked.
    int tries = 0;
    while (!take_pair_lock(fd.get(), getpid(), "twinctl " + what)) {
        if (++tries <= 20) {
            clock.pause(10, {});
            continue;
        }
        auto message = describe_holder(layout, pair);
        if (const auto journal = notebook.read_journal(pair)) {
            message += std::string(", in step ") + to_string(journal->step);
        }
        throw Busy(message);
    }
    lock_ = std::move(fd);
    SystemClock::watch_signals();
}

std::vector<std::string> Session::start_words() {
    const bool any_up = observer.look({pair, 0}).is_up() || observer.look({pair, 1}).is_up();
    const bool marked = service_state(context.layout.svcdir, pair) == ServiceState::Started;
    return marked && !any_up ? std::vector<std::string>{"zap", "start"} : std::vector<std::string>{"start"};
}

void Session::reap_left() {
    const auto journal = notebook.read_journal(pair);
    const auto is_rehearsed = [&](int parity) {
        const auto view = observer.look({pair, parity});
        return view.alive && view.record->rehearsal;
    };
    const bool left_draining = journal && journal->left;
    if (!left_draining && !is_rehearsed(0) && !is_rehearsed(1)) {
        return;
    }
    try {
        lock("reap");
        if (left_draining) {
            make_swap().reap_left();
        }
        make_swap().end_rehearsals();
        unlock();
    } catch (const Busy&) {
        // Whoever has the pair does it.
    } catch (const SystemError& error) {
        // Not what this command was called for.
        unlock();
        progress->note(std::string("warning: ") + error.what());
    }
}

}  // namespace twinctl
