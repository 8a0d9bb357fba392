// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "answers.hpp"
#include "identity.hpp"

namespace twinctl {

class Session;

/// What a connection needs to know of the server it belongs to.
class SessionHost {
public:
    virtual ~SessionHost() = default;
    virtual const Identity& identity() const = 0;
    virtual Answer answer(const Request& request) = 0;
    virtual void answered() = 0;          ///< the last byte of an answer was sent
    virtual bool draining() const = 0;    ///< answers are the last of their connection
    virtual bool frozen() const = 0;      ///< do nothing any more, but keep the connection
    virtual void ended(Session& session) = 0;
};

/// One connection: requests and answers in turn until either side closes it.
class Session : public std::enable_shared_from_this<Session> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    /// `listener` is the name of the one that accepted it.
    Session(Socket socket, std::string listener, SessionHost& host);
    void start() { read_request(); }
    /// Closes the connection, whatever is under way.
    void cut() { end(); }

private:
    using ErrorCode = boost::system::error_code;
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;
    using Serializer = boost::beast::http::response_serializer<boost::beast::http::string_body>;

    template <typename Step> auto then(Step step);
    template <typename Step> void after(std::chrono::microseconds delay, Step step);

    void read_request();
    void on_head(const ErrorCode& failure);
    void permit_body();
    void read_body();
    void on_request(const ErrorCode& failure);
    void send_when_released(std::chrono::steady_clock::time_point deadline);
    void send();
    void prepare_head(unsigned status);
    void send_whole();
    void send_stream();
    void send_piece(std::size_t index);
    void on_sent(const ErrorCode& failure);
    void refuse(unsigned status);
    void close_gently();
    void discard_input();
    void end();

    Socket socket_;
    const std::string listener_;
    SessionHost& host_;
    boost::asio::steady_timer timer_;
    boost::beast::flat_buffer input_;
    std::optional<Parser> parser_;
    Answer answer_;
    Response response_;
    std::optional<Serializer> serializer_;
    bool head_only_ = false;
    bool last_ = false; ///< the answer under way says `Connection: close`
    std::array<char, 4096> discarded_{};
};

} // namespace twinctl
