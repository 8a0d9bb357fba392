// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "worker_parent.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include "server.hpp"

namespace twinctl {

namespace {

constexpr std::chrono::seconds patience_at_stop{5};

[[noreturn]] void be_worker(const Options& options, std::vector<Listener> listeners, pid_t parent)
{
    int status = 1;
    try {
        // KILL and not TERM, which a worker may have been told to ignore. The parent may have
        // died before prctl(2) came into force.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() == parent) {
            status = Server(options, std::move(listeners), Server::Role::worker).run();
        }
    } catch (const std::exception& error) {
        options.identity.log(error.what());
    }
    ::_exit(status); // what main() would clean up is the parent's
}

std::set<pid_t> fork_workers(const Options& options, std::vector<Listener>& listeners)
{
    std::set<pid_t> workers;
    const pid_t parent = ::getpid();
    for (int number = 0; number < options.workers; ++number) {
        const pid_t pid = ::fork();
        if (pid < 0) {
            throw std::system_error(errno, std::generic_category(), "cannot fork a worker");
        }
        if (pid == 0) {
            be_worker(options, std::move(listeners), parent);
        }
        workers.insert(pid);
    }
    return workers;
}

} // namespace

WorkerParent::WorkerParent(const Options& options, std::vector<Listener> listeners)
    : options_(options), listeners_(std::move(listeners)),
      workers_(fork_workers(options, listeners_)), children_(loop_, SIGCHLD), timer_(loop_),
      signals_(loop_, options, [this] { on_graceful(); }, [this] { on_stop(); })
{
}

int WorkerParent::run()
{
    watch_children();
    reap(); // those that died before SIGCHLD had a handler
    if (options_.misbehaviours.die_later) {
        timer_.expires_after(*options_.misbehaviours.die_later);
        timer_.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                options_.identity.log("cannot go on: told to die later");
                stop(4);
            }
        });
    }
    loop_.run();
    close_listeners();
    options_.identity.log("exiting, " + std::to_string(workers_.size()) + " workers left");
    return status_;
}

void WorkerParent::watch_children()
{
    children_.async_wait([this](const boost::system::error_code& failure, int) {
        if (!failure) {
            watch_children();
            reap();
        }
    });
}

void WorkerParent::reap()
{
    for (pid_t pid = 0; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;) {
        workers_.erase(pid);
        if (!draining_ && !stopping_) {
            options_.identity.log("worker " + std::to_string(pid) + " died");
        }
    }
    if (workers_.empty()) {
        sleep_or_exit();
    }
}

void WorkerParent::sleep_or_exit()
{
    if (stopping_) {
        stop(0);
    } else if (!draining_) {
        stop(1);
    } else if (!listeners_.empty()) {
        options_.identity.log("drained");
        if (!options_.misbehaviours.keep_listener) {
            close_listeners();
        }
        if (options_.misbehaviours.exit_after_hup) {
            stop(0);
        }
    }
}

void WorkerParent::relay(int number)
{
    for (const pid_t pid : workers_) {
        ::kill(pid, number);
    }
}

void WorkerParent::on_graceful()
{
    const std::string heard = std::string(signal_name(options_.graceful_signal)) + " received";
    if (options_.misbehaviours.ignore_hup || draining_) {
        options_.identity.log(heard + ", ignored");
        return;
    }
    draining_ = true;
    options_.identity.log(heard + " (" + std::to_string(workers_.size()) + " workers)");
    if (options_.misbehaviours.close_first) {
        close_listeners();
    }
    relay(options_.graceful_signal);
}

void WorkerParent::on_stop()
{
    stopping_ = true;
    if (workers_.empty()) {
        stop(0);
        return;
    }
    relay(SIGTERM);
    timer_.expires_after(patience_at_stop);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            relay(SIGKILL);
        }
    });
}

void WorkerParent::close_listeners()
{
    if (!listeners_.empty()) {
        listeners_.clear();
        options_.identity.log("listener closed");
    }
}

void WorkerParent::stop(int status)
{
    status_ = status;
    loop_.stop();
}

} // namespace twinctl
