// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace twinctl {

/// Reads one HTTP/1.1 answer in pieces as they arrive, and knows when it is complete (RFC 9112:
/// by Content-Length or by its last chunk; an answer with neither can't be judged and is broken).
/// Interim answers (1xx) are skipped.
class AnswerParser {
public:
    /// Forgets everything; the body is kept only where it is to be looked at.
    void reset(bool keep_body);

    /// Takes the bytes up to the end of the answer and returns how many that were.
    std::size_t feed(std::string_view bytes);

    bool started() const { return started_; }
    bool complete() const { return state_ == State::complete; }
    bool broken() const { return state_ == State::broken; }

    int status() const { return status_; } ///< 0 while unknown
    bool says_close() const { return close_; }
    const std::string& twin() const { return twin_; }
    const std::string& version() const { return version_; }
    const std::string& body() const { return body_; }

private:
    enum class State { head, body, chunk_size, chunk, chunk_end, trailer, complete, broken };

    void head_complete();
    void status_line(std::string_view line);
    void header_line(std::string_view line);
    void framed_line();
    std::size_t take_line(std::string_view bytes);
    std::size_t take_body(std::string_view bytes);

    State state_ = State::head;
    std::string line_; ///< head, chunk size or trailer line under way
    std::uint64_t left_ = 0;
    bool keep_body_ = false;
    bool started_ = false;
    bool close_ = false;
    bool chunked_ = false;
    bool sized_ = false;
    int status_ = 0;
    std::string twin_;
    std::string version_;
    std::string body_;
};

} // namespace twinctl
