// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

#include "options.hpp"

namespace twinctl {

/// Delivers the graceful signal, TERM and INT to an event loop while it exists. At every other
/// time they wait, so that none of them is lost or kills the process between two owners.
class Signals {
public:
    using Action = std::function<void()>;

    Signals(boost::asio::io_context& loop, const Options& options, Action on_graceful,
            Action on_stop);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// Makes the signals wait. To be called first of all; `graceful` is one of options.hpp.
    static void hold_back();

private:
    void wait();

    boost::asio::signal_set set_;
    int graceful_;
    Action on_graceful_;
    Action on_stop_;
};

/// HUP, QUIT or USR1, as in the log.
const char* signal_name(int number);

} // namespace twinctl
