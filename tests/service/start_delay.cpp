// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "start_delay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <string>

#include "identity.hpp"
#include "misbehaviours.hpp"
#include "signals.hpp"

namespace twinctl {

AfterDelay delay_start(const Options& options)
{
    const Misbehaviours& bad = options.misbehaviours;
    if (!bad.never_ready && !bad.slow_ready) {
        return AfterDelay::listen;
    }
    const Identity& identity = options.identity;
    boost::asio::io_context loop(1);
    boost::asio::steady_timer timer(loop);
    AfterDelay result = AfterDelay::stop;
    const Signals signals(
        loop, options,
        [&] {
            identity.log(std::string(signal_name(options.graceful_signal)) + " received" +
                         (bad.ignore_hup ? ", ignored" : " before listening"));
            if (!bad.ignore_hup) {
                timer.cancel();
            }
        },
        [&] { loop.stop(); });
    if (!bad.never_ready) {
        timer.expires_after(*bad.slow_ready);
        timer.async_wait([&](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                result = AfterDelay::listen;
                loop.stop();
            }
        });
    }
    identity.log(bad.never_ready ? "never ready" : "not ready yet");
    loop.run();
    if (result == AfterDelay::listen) {
        // A signal that came with the last moment of the delay is in the loop, not in the kernel.
        Signals::hold_back();
        loop.restart();
        loop.poll();
    }
    return result;
}

} // namespace twinctl
