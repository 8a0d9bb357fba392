// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "client.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace twinctl {

namespace {

constexpr std::chrono::milliseconds longest_parting{100};
constexpr std::chrono::milliseconds post_tick{10};
/// How often it is tried again to get into the full backlog of a Unix socket.
constexpr std::chrono::milliseconds backlog_tick{2};
constexpr std::size_t most_ports_tried = 64;

/// Shared by all clients: nothing stays in it between two calls.
std::array<char, 256U << 10U> input;

} // namespace

Client::Client(const Habits& habits, EventLoop& loop, SourcePorts& ports, ClientHost& host)
    : habits_(habits), loop_(loop), ports_(ports), host_(host)
{
}

void Client::start(const Order& order)
{
    order_ = &order;
    begun_ = Clock::now();
    if (state_ == State::idle) {
        reused_ = true;
        exchange();
        return;
    }
    if (closed_by_server_) {
        closed_by_server_ = false;
        host_.reopened();
    }
    open();
}

void Client::open()
{
    reused_ = false;
    deadline_ = Clock::now() + habits_.timeout;
    connect();
}

void Client::connect()
{
    const std::size_t tries = std::min(ports_.choices(), most_ports_tried);
    int error = 0;
    for (std::size_t tried = 0; tried < tries; ++tried) {
        port_ = ports_.take();
        error = socket_.connect(order_->target, port_);
        // The four addresses of a connection may be in use still: another port is free.
        if (error != EADDRNOTAVAIL && error != EADDRINUSE) {
            break;
        }
        ports_.give_back(port_);
        port_ = 0;
    }
    // connect(2): anywhere else it is no full backlog that EAGAIN means.
    if (error == EAGAIN && order_->target.address.ss_family == AF_UNIX) {
        state_ = State::waiting;
        loop_.set_timer(*this, std::min(deadline_, Clock::now() + backlog_tick));
        return;
    }
    if (error == 0) {
        error = loop_.watch(socket_.fd(), *this);
    }
    if (error != 0) {
        fail(outcome_of_connecting(error), error);
        return;
    }
    state_ = State::connecting;
    loop_.set_timer(*this, deadline_);
}

void Client::exchange()
{
    state_ = State::exchanging;
    parser_.reset(!habits_.expect.empty());
    sent_ = 0;
    send_error_ = 0;
    exchange_begun_ = Clock::now();
    deadline_ = exchange_begun_ + habits_.timeout + habits_.post_time;
    loop_.set_timer(*this, deadline_);
    send_more();
}

void Client::on_ready()
{
    switch (state_) {
    case State::connecting:
        if (const int error = socket_.connect_error(); error != 0) {
            fail(outcome_of_connecting(error), error);
        } else {
            exchange();
        }
        break;
    case State::exchanging:
        send_more();
        receive();
        break;
    case State::idle:
        // Bytes that nobody asked for are as good a reason not to use it again as its end.
        if (socket_.receive(input.data(), input.size()).error != EAGAIN) {
            closed_by_server_ = true;
            close();
        }
        break;
    case State::parting:
        look_after_parting();
        break;
    case State::waiting:
    case State::closed:
        break;
    }
}

void Client::on_timer()
{
    if (state_ == State::parting) {
        close();
        host_.available(*this);
    } else if (Clock::now() >= deadline_) {
        fail(Outcome::timeout, 0);
    } else if (state_ == State::waiting) {
        connect();
    } else {
        send_more();
        if (send_error_ != 0) {
            receive();
        }
    }
}

void Client::send_more()
{
    const std::string_view request = order_->request;
    std::size_t due = request.size();
    if (const auto passed = Clock::now() - exchange_begun_; passed < habits_.post_time) {
        const double share = std::chrono::duration<double>(passed) / habits_.post_time;
        const auto body = static_cast<double>(request.size() - order_->head_size);
        due = order_->head_size + static_cast<std::size_t>(share * body);
        loop_.set_timer(*this, std::min(deadline_, Clock::now() + post_tick));
    } else if (habits_.post_time.count() > 0) {
        loop_.set_timer(*this, deadline_);
    }
    while (sent_ < due && send_error_ == 0) {
        const StreamSocket::Transfer done = socket_.send(request.substr(sent_, due - sent_));
        if (done.error == EAGAIN) {
            return;
        }
        // An answer may have come before the connection failed: receive() has the last word.
        send_error_ = done.error;
        sent_ += done.bytes;
    }
}

void Client::receive()
{
    while (state_ == State::exchanging) {
        const StreamSocket::Transfer done = socket_.receive(input.data(), input.size());
        if (done.error == EAGAIN && send_error_ == 0) {
            return;
        }
        if (done.bytes == 0) {
            connection_ended(done.error == 0 || done.error == EAGAIN ? send_error_ : done.error);
            return;
        }
        const std::size_t taken = parser_.feed({input.data(), done.bytes});
        if (parser_.broken()) {
            fail(Outcome::wrong, 0);
        } else if (parser_.complete()) {
            answered(taken < done.bytes);
        }
    }
}

void Client::connection_ended(int error)
{
    if (never_received(error)) {
        close();
        host_.reopened();
        open();
    } else if (error == 0) {
        fail(Outcome::short_answer, 0);
    } else {
        fail(outcome_of_transfer(error), error);
    }
}

/// The rule for what is no loss although a request failed at first. A server may close an idle
/// keep-alive connection at any moment, so every HTTP client repeats a request that met such a
/// close (RFC 9112, 9.3.1). Here it is repeated once, on a fresh connection, and counted as
/// reopened, if and only if
///  - the connection had been kept from an earlier request,
///  - not one byte of an answer to this request came,
///  - the connection was closed before a byte of the request was sent; or it was closed by FIN
///    (seen as the end of input, and as EPIPE after the RST that our late bytes then provoke, but
///    never as ECONNRESET), and
///  - the server's kernel has acknowledged no byte of the request: the FIN was sent before it came.
/// So a server that took a request and then closed, died or reset has lost it. Where the server
/// had announced `Connection: close`, or where its FIN was seen in time, the request is not sent
/// on that connection at all; that counts as reopened too. A Unix socket that was closed with the
/// request unread is seen as ECONNRESET only, so there such a close counts as a loss.
bool Client::never_received(int error) const
{
    const bool closed_idle = error != ECONNRESET || sent_ == 0;
    return reused_ && !parser_.started() && closed_idle && socket_.unacknowledged() >= sent_;
}

bool Client::as_expected() const
{
    return parser_.status() >= 200 && parser_.status() <= 299 &&
           parser_.body().find(habits_.expect) != std::string::npos;
}

void Client::answered(bool surplus)
{
    const bool kept = habits_.keep_alive && !parser_.says_close() && !surplus &&
                      sent_ == order_->request.size();
    closed_by_server_ = habits_.keep_alive && !kept;
    report(as_expected() && !surplus ? Outcome::ok : Outcome::wrong, 0);
    rst_credit_ += habits_.rst_percent;
    if (rst_credit_ >= 100) {
        rst_credit_ -= 100;
        closed_by_server_ = false;
        socket_.abort();
        close();
        host_.aborted();
        host_.available(*this);
    } else if (kept) {
        state_ = State::idle;
        loop_.cancel_timer(*this);
        on_ready(); // its end may have come together with the answer, and is told only once
        host_.available(*this);
    } else {
        part();
    }
}

void Client::part()
{
    // Who closes first keeps the port in TIME_WAIT. Let that be the server, whose port is always
    // the same: then the ports of this side never run out.
    state_ = State::parting;
    loop_.set_timer(*this, Clock::now() + longest_parting);
    look_after_parting();
}

void Client::look_after_parting()
{
    StreamSocket::Transfer done;
    do {
        done = socket_.receive(input.data(), input.size());
    } while (done.bytes > 0);
    if (done.error != EAGAIN) {
        close();
        host_.available(*this);
    }
}

void Client::report(Outcome outcome, int error)
{
    const bool whole = parser_.complete() && (outcome == Outcome::ok || outcome == Outcome::wrong);
    host_.finished({outcome, begun_, whole ? parser_.status() : 0, error, parser_.twin(),
                    parser_.version()});
}

void Client::fail(Outcome outcome, int error)
{
    report(outcome, error);
    close();
    host_.available(*this);
}

void Client::close()
{
    state_ = State::closed;
    loop_.cancel_timer(*this);
    socket_.close();
    ports_.give_back(port_);
    port_ = 0;
}

} // namespace twinctl
