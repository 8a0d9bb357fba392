// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <utility>

#include "answers.hpp"

namespace asio = boost::asio;

namespace twinctl {

namespace {

constexpr std::chrono::milliseconds pause_after_failure{100};

} // namespace

Server::Door::Door(asio::io_context& loop, Listener opened)
    : listener(std::move(opened)),
      acceptor(loop, Protocol(listener.family, listener.family == AF_UNIX ? 0 : IPPROTO_TCP),
               listener.fd.get()),
      pause(loop)
{
    listener.fd.release();
}

Server::Server(const Options& options, std::vector<Listener> listeners, Role role)
    : options_(options), role_(role),
      answers_(options.identity, !options.misbehaviours.unhealthy), death_(loop_),
      signals_(loop_, options, [this] { on_graceful(); }, [this] { stop(0); })
{
    for (Listener& listener : listeners) {
        doors_.push_back(std::make_unique<Door>(loop_, std::move(listener)));
    }
}

int Server::run()
{
    for (const auto& door : doors_) {
        accept(*door);
    }
    if (options_.misbehaviours.die_later && role_ == Role::sole) {
        death_.expires_after(*options_.misbehaviours.die_later);
        death_.async_wait([this](const boost::system::error_code&) {
            identity().log("cannot go on: told to die later");
            stop(4);
        });
    }
    loop_.run();
    close_listeners();
    identity().log("exiting, " + std::to_string(sessions_.size()) + " open connections cut, " +
                   std::to_string(answered_) + " requests answered");
    identity().append_count(answered_);
    sessions_.clear();
    return status_;
}

Answer Server::answer(const Request& request)
{
    ++requests_;
    return answers_.to(request, requests_, answered_);
}

bool Server::frozen() const
{
    return draining() && options_.misbehaviours.never_drain;
}

void Server::accept(Door& door)
{
    ++accepts_under_way_;
    door.acceptor.async_accept(
        [this, &door, name = door.listener.name](const boost::system::error_code& failure,
                                                 Session::Socket peer) {
            if (!failure) {
                admit(std::move(peer), name);
            }
            on_accept(door, failure);
        });
}

void Server::admit(Session::Socket peer, const std::string& listener)
{
    // Also while draining: the kernel had handed it over before the hang-up was heard.
    SessionHost& host = *this;
    const auto session = std::make_shared<Session>(std::move(peer), listener, host);
    sessions_.insert(session);
    session->start();
}

void Server::on_accept(Door& door, const boost::system::error_code& failure)
{
    --accepts_under_way_;
    if (draining()) { // and then the door may be gone
        sleep_when_drained();
    } else if (!failure || failure == asio::error::connection_aborted) {
        accept(door);
    } else {
        // Out of descriptors, or somebody shut the shared socket down: trying at once would spin.
        identity().log("cannot accept: " + failure.message());
        door.pause.expires_after(pause_after_failure);
        door.pause.async_wait([this, &door](const boost::system::error_code& cancelled) {
            if (!cancelled && !draining()) {
                accept(door);
            }
        });
    }
}

void Server::on_graceful()
{
    const std::string heard = std::string(signal_name(options_.graceful_signal)) + " received";
    if (options_.misbehaviours.ignore_hup || draining()) {
        identity().log(heard + ", ignored");
        return;
    }
    state_ = State::draining;
    identity().log(heard + " (" + std::to_string(sessions_.size()) + " open)");
    for (const auto& door : doors_) {
        // The socket must leave the event loop for good: its description may be shared with the
        // sibling, and then neither close(2) nor leaving it alone stops epoll(7) from reporting
        // the sibling's clients here. release() is the call that removes it.
        door->listener.fd.reset(door->acceptor.release());
        door->pause.cancel();
        if (options_.misbehaviours.shutdown_listener) {
            ::shutdown(door->listener.fd.get(), SHUT_RDWR);
        }
    }
    if (options_.misbehaviours.close_first) {
        close_listeners();
    }
    if (options_.misbehaviours.cut_open) {
        cut_sessions();
    }
    sleep_when_drained();
}

void Server::cut_sessions()
{
    identity().log(std::to_string(sessions_.size()) + " open connections cut");
    const auto open = sessions_; // each of them leaves the set when it ends
    for (const auto& session : open) {
        session->cut();
    }
}

void Server::ended(Session& session)
{
    sessions_.erase(session.shared_from_this());
    sleep_when_drained();
}

void Server::sleep_when_drained()
{
    if (state_ != State::draining || !sessions_.empty() || accepts_under_way_ > 0) {
        return;
    }
    state_ = State::asleep;
    identity().log("drained");
    if (!options_.misbehaviours.keep_listener) {
        close_listeners();
    }
    if (role_ == Role::worker || options_.misbehaviours.exit_after_hup) {
        stop(0);
    }
}

void Server::close_listeners()
{
    if (doors_.empty()) {
        return;
    }
    for (const auto& door : doors_) {
        if (door->acceptor.is_open()) {
            door->listener.fd.reset(door->acceptor.release());
        }
        door->listener.fd.reset();
    }
    identity().log(doors_.size() == 1 ? "listener closed" : "listeners closed");
    doors_.clear();
}

void Server::stop(int status)
{
    status_ = status;
    loop_.stop();
}

} // namespace twinctl
