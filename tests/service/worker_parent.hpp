// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <set>
#include <vector>

#include "listeners.hpp"
#include "options.hpp"
#include "signals.hpp"

namespace twinctl {

/// Forks the workers, relays signals to them, and keeps the contract for all of them: after the
/// graceful signal it waits until every worker has drained and exited, then it closes the
/// listeners and sleeps until TERM or INT.
class WorkerParent {
public:
    /// Forks options.workers processes, each of which serves and never returns from here.
    WorkerParent(const Options& options, std::vector<Listener> listeners);

    /// Returns the exit status.
    int run();

private:
    void watch_children();
    void reap();
    void relay(int number);
    void on_graceful();
    void on_stop();
    void sleep_or_exit();
    void close_listeners();
    void stop(int status);

    const Options& options_;
    std::vector<Listener> listeners_;
    std::set<pid_t> workers_; ///< before loop_: forked before there is an event loop
    boost::asio::io_context loop_{1};
    boost::asio::signal_set children_;
    boost::asio::steady_timer timer_;
    Signals signals_;
    bool draining_ = false;
    bool stopping_ = false;
    int status_ = 0;
};

} // namespace twinctl
