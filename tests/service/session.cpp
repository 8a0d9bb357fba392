// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "session.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_cat.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace twinctl {

namespace {

constexpr std::uint64_t longest_body = 256ULL << 20U;
constexpr std::chrono::seconds longest_goodbye{1};
constexpr std::chrono::milliseconds between_looks{10};
constexpr std::string_view permission = "HTTP/1.1 100 Continue\r\n\r\n";

// Beast's own string_view is another type before and after Boost 1.80.
template <typename Text> std::string_view view(const Text& text)
{
    return {text.data(), text.size()};
}

} // namespace

/// Makes a completion handler of a step, a member function or a lambda that takes the session. It
/// keeps the session alive, and leaves everything as it is once the server is frozen.
template <typename Step> auto Session::then(Step step)
{
    return [self = shared_from_this(), step = std::move(step)](const ErrorCode& failure,
                                                               auto&&...) mutable {
        if (!self->host_.frozen()) {
            std::invoke(step, *self, failure);
        }
    };
}

template <typename Step> void Session::after(std::chrono::microseconds delay, Step step)
{
    timer_.expires_after(delay);
    timer_.async_wait(then([step = std::move(step)](Session& self, const ErrorCode& cancelled) {
        if (!cancelled) {
            step(self);
        }
    }));
}

Session::Session(Socket socket, std::string listener, SessionHost& host)
    : socket_(std::move(socket)), listener_(std::move(listener)), host_(host),
      timer_(socket_.get_executor())
{
    ErrorCode not_tcp;
    socket_.set_option(asio::ip::tcp::no_delay(true), not_tcp);
}

void Session::read_request()
{
    parser_.emplace();
    parser_->body_limit(longest_body);
    http::async_read_header(socket_, input_, *parser_, then(&Session::on_head));
}

void Session::on_head(const ErrorCode& failure)
{
    if (failure) {
        on_request(failure);
    } else if (!parser_->is_done() && parser_->get()[http::field::expect] == "100-continue") {
        permit_body();
    } else {
        read_body();
    }
}

void Session::permit_body()
{
    asio::async_write(socket_, asio::buffer(permission),
                      then([](Session& self, const ErrorCode& failure) {
                          failure ? self.end() : self.read_body();
                      }));
}

void Session::read_body()
{
    http::async_read(socket_, input_, *parser_, then(&Session::on_request));
}

void Session::on_request(const ErrorCode& failure)
{
    if (failure == http::error::body_limit) {
        refuse(413);
        return;
    }
    const bool unfinished =
        failure == http::error::end_of_stream || failure == http::error::partial_message;
    const bool is_http = failure.category() == http::make_error_code(http::error{}).category();
    if (failure && is_http && !unfinished) {
        refuse(400);
        return;
    }
    if (failure) {
        end();
        return;
    }
    const auto& request = parser_->get();
    head_only_ = request.method() == http::verb::head;
    answer_ = host_.answer(
        {view(request.method_string()), view(request.target()), request.body(), listener_});
    if (!answer_.held_by.empty()) {
        send_when_released(std::chrono::steady_clock::now() + answer_.delay);
    } else if (answer_.delay > std::chrono::microseconds::zero()) {
        after(answer_.delay, [](Session& self) { self.send(); });
    } else {
        send();
    }
}

void Session::send_when_released(std::chrono::steady_clock::time_point deadline)
{
    if (std::filesystem::exists(answer_.held_by) && std::chrono::steady_clock::now() < deadline) {
        after(between_looks, [deadline](Session& self) { self.send_when_released(deadline); });
    } else {
        send();
    }
}

void Session::send()
{
    prepare_head(answer_.status);
    answer_.pieces.empty() ? send_whole() : send_stream();
}

void Session::prepare_head(unsigned status)
{
    const auto& request = parser_->get();
    // Not when the request came but now, when it is answered: a hang-up may lie between.
    last_ = host_.draining() || !request.keep_alive();
    response_ = Response();
    response_.version(request.version());
    response_.result(status);
    response_.set(http::field::server, "parityd");
    response_.set(http::field::content_type, "text/plain");
    response_.set("X-Twin", host_.identity().twin);
    response_.set("X-Version", host_.identity().version);
    response_.set("X-Listener", listener_);
}

void Session::send_whole()
{
    response_.keep_alive(!last_);
    response_.content_length(answer_.body.size());
    if (!head_only_) {
        response_.body() = std::move(answer_.body);
    }
    serializer_.emplace(response_);
    http::async_write(socket_, *serializer_, then(&Session::on_sent));
}

void Session::send_stream()
{
    // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
    const bool chunked = response_.version() >= 11;
    last_ = last_ || !chunked;
    response_.keep_alive(!last_);
    response_.chunked(chunked);
    serializer_.emplace(response_);
    http::async_write_header(socket_, *serializer_,
                             then([](Session& self, const ErrorCode& failure) {
                                 if (failure || self.head_only_) {
                                     self.on_sent(failure);
                                 } else {
                                     self.send_piece(0);
                                 }
                             }));
}

void Session::send_piece(std::size_t index)
{
    const auto piece = asio::buffer(answer_.pieces[index]);
    const bool chunked = response_.chunked();
    if (index + 1 == answer_.pieces.size()) {
        if (chunked) {
            const auto chunk = http::make_chunk(piece);
            asio::async_write(socket_, boost::beast::buffers_cat(chunk, http::make_chunk_last()),
                              then(&Session::on_sent));
        } else {
            asio::async_write(socket_, piece, then(&Session::on_sent));
        }
        return;
    }
    auto next = then([index](Session& self, const ErrorCode& failure) {
        if (failure) {
            self.end();
        } else {
            self.after(self.answer_.interval,
                       [index](Session& again) { again.send_piece(index + 1); });
        }
    });
    if (chunked) {
        asio::async_write(socket_, http::make_chunk(piece), std::move(next));
    } else {
        asio::async_write(socket_, piece, std::move(next));
    }
}

void Session::on_sent(const ErrorCode& failure)
{
    if (failure) {
        end();
        return;
    }
    host_.answered();
    // A stream that began before the hang-up did not say that it is the last answer, so the client
    // may send one more request: closing now would cut that one off.
    last_ ? close_gently() : read_request();
}

void Session::refuse(unsigned status)
{
    head_only_ = false;
    answer_ = Answer();
    answer_.body = host_.identity().describe() + "\nbad request\n";
    prepare_head(status);
    response_.version(11);
    last_ = true;
    send_whole();
}

void Session::close_gently()
{
    // close(2) with unread input sends a RST, which may overtake the end of the answer: say that
    // nothing more comes, then wait for the client to close, but not for ever.
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    after(longest_goodbye, [](Session& self) { self.end(); });
    discard_input();
}

void Session::discard_input()
{
    socket_.async_read_some(asio::buffer(discarded_),
                            then([](Session& self, const ErrorCode& failure) {
                                failure ? self.end() : self.discard_input();
                            }));
}

void Session::end()
{
    // A timer that ran out together with the operation that it bounds brings us here twice.
    if (!socket_.is_open()) {
        return;
    }
    ErrorCode ignored;
    timer_.cancel();
    socket_.close(ignored);
    host_.ended(*this);
}

} // namespace twinctl
