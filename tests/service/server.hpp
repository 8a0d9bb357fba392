// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "answers.hpp"
#include "identity.hpp"
#include "listeners.hpp"
#include "options.hpp"
#include "session.hpp"
#include "signals.hpp"

namespace twinctl {

/// Accepts and serves until it is stopped, and keeps the contract of the graceful signal:
/// accept no more, finish what is open, close the listeners, sleep until TERM or INT.
class Server : private SessionHost {
public:
    enum class Role {
        sole,  ///< sleeps when drained
        worker ///< exits when drained: its parent does the sleeping
    };

    Server(const Options& options, std::vector<Listener> listeners, Role role);

    /// Returns the exit status.
    int run();

private:
    using Protocol = boost::asio::generic::stream_protocol;

    struct Door {
        Door(boost::asio::io_context& loop, Listener opened);
        Listener listener; ///< holds the descriptor while `acceptor` does not
        boost::asio::basic_socket_acceptor<Protocol> acceptor;
        boost::asio::steady_timer pause;
    };
    enum class State { serving, draining, asleep };

    const Identity& identity() const override { return options_.identity; }
    Answer answer(const Request& request) override;
    void answered() override { ++answered_; }
    bool draining() const override { return state_ != State::serving; }
    bool frozen() const override;
    void ended(Session& session) override;

    void accept(Door& door);
    void admit(Session::Socket peer, const std::string& listener);
    void on_accept(Door& door, const boost::system::error_code& failure);
    void on_graceful();
    void sleep_when_drained();
    void cut_sessions();
    void close_listeners();
    void stop(int status);

    const Options& options_;
    const Role role_;
    boost::asio::io_context loop_{1};
    Answers answers_;
    std::vector<std::unique_ptr<Door>> doors_;
    std::set<std::shared_ptr<Session>> sessions_;
    boost::asio::steady_timer death_;
    Signals signals_;
    State state_ = State::serving;
    unsigned accepts_under_way_ = 0;
    std::uint64_t requests_ = 0;
    std::uint64_t answered_ = 0;
    int status_ = 0;
};

} // namespace twinctl
