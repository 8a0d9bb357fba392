// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "signals.hpp"

#include <signal.h>

#include <utility>

namespace twinctl {

namespace {

void change_mask(int how)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (const int number : {SIGHUP, SIGQUIT, SIGUSR1, SIGTERM, SIGINT}) {
        sigaddset(&ours, number);
    }
    ::sigprocmask(how, &ours, nullptr);
}

} // namespace

Signals::Signals(boost::asio::io_context& loop, const Options& options, Action on_graceful,
                 Action on_stop)
    : set_(loop), graceful_(options.graceful_signal), on_graceful_(std::move(on_graceful)),
      on_stop_(std::move(on_stop))
{
    if (options.misbehaviours.die_of_hup) {
        // It may be ignored already: nohup(1) passes that on.
        ::signal(graceful_, SIG_DFL);
    } else {
        set_.add(graceful_);
    }
    if (options.misbehaviours.hang_on_term) {
        ::signal(SIGTERM, SIG_IGN);
        ::signal(SIGINT, SIG_IGN);
    } else {
        set_.add(SIGTERM);
        set_.add(SIGINT);
    }
    wait();
    change_mask(SIG_UNBLOCK);
}

Signals::~Signals()
{
    // Asio restores the default action when the set goes.
    hold_back();
}

void Signals::hold_back()
{
    change_mask(SIG_BLOCK);
}

void Signals::wait()
{
    set_.async_wait([this](const boost::system::error_code& failure, int number) {
        if (failure) {
            return;
        }
        number == graceful_ ? on_graceful_() : on_stop_();
        wait();
    });
}

const char* signal_name(int number)
{
    return number == SIGQUIT ? "quit" : number == SIGUSR1 ? "usr1" : "hup";
}

} // namespace twinctl
