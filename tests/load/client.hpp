// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "answer_parser.hpp"
#include "event_loop.hpp"
#include "outcome.hpp"
#include "source_ports.hpp"
#include "stream_socket.hpp"
#include "tally.hpp"
#include "target.hpp"

namespace twinctl {

class Client;

/// Who is told what becomes of a client's request.
class ClientHost {
public:
    virtual ~ClientHost() = default;
    virtual void finished(const Result& result) = 0;
    /// A keep-alive connection had to be opened anew because the server had closed it.
    virtual void reopened() = 0;
    /// A connection was closed by RST, as had been asked for.
    virtual void aborted() = 0;
    /// The client can take another request; always told after finished().
    virtual void available(Client& client) = 0;
};

/// What all clients have in common.
struct Habits {
    bool keep_alive = false;
    std::chrono::milliseconds timeout{5000};
    std::chrono::milliseconds post_time{0};
    unsigned rst_percent = 0;
    std::string expect;
};

/// Where a request goes and the bytes it consists of.
struct Order {
    Target target;
    std::string request;
    std::size_t head_size = 0;
};

/// One request at a time over one connection at a time.
class Client : private EventHandler {
public:
    Client(const Habits& habits, EventLoop& loop, SourcePorts& ports, ClientHost& host);

    /// With keep-alive a client has to be given the same order each time.
    void start(const Order& order);
    /// The order it was given last; none at first.
    const Order* order() const { return order_; }

private:
    enum class State {
        closed,
        waiting, ///< for room in the backlog of a Unix socket
        connecting,
        exchanging, ///< sends and receives
        idle,       ///< keeps the connection for the next request
        parting,    ///< done, waits for the server to close
    };

    void on_ready() override;
    void on_timer() override;
    void open();
    void connect();
    void exchange();
    void send_more();
    void receive();
    void connection_ended(int error);
    bool never_received(int error) const;
    void answered(bool surplus);
    bool as_expected() const;
    void part();
    void look_after_parting();
    void report(Outcome outcome, int error);
    void fail(Outcome outcome, int error);
    void close();

    const Habits& habits_;
    EventLoop& loop_;
    SourcePorts& ports_;
    ClientHost& host_;
    const Order* order_ = nullptr;
    State state_ = State::closed;
    StreamSocket socket_;
    std::uint16_t port_ = 0;
    AnswerParser parser_;
    std::size_t sent_ = 0;
    int send_error_ = 0;
    bool reused_ = false;           ///< the connection has carried a request before this one
    bool closed_by_server_ = false; ///< the connection kept for this request
    unsigned rst_credit_ = 0;
    Clock::time_point begun_;
    Clock::time_point exchange_begun_;
    Clock::time_point deadline_;
};

} // namespace twinctl
