// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "answer_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace twinctl {

namespace {

constexpr std::size_t longest_line = 64U << 10U;

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same(std::string_view left, std::string_view right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename Number> bool parse(std::string_view text, Number& value, int base)
{
    const char* const last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, value, base);
    return failure == std::errc{} && end == last;
}

} // namespace

void AnswerParser::reset(bool keep_body)
{
    *this = AnswerParser();
    keep_body_ = keep_body;
}

std::size_t AnswerParser::feed(std::string_view bytes)
{
    std::size_t taken = 0;
    while (taken < bytes.size() && !complete() && !broken()) {
        started_ = true;
        const std::string_view rest = bytes.substr(taken);
        const bool in_body = state_ == State::body || state_ == State::chunk;
        taken += in_body ? take_body(rest) : take_line(rest);
    }
    return taken;
}

std::size_t AnswerParser::take_line(std::string_view bytes)
{
    const auto end = bytes.find('\n');
    const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
    line_ += bytes.substr(0, taken);
    if (line_.size() > longest_line) {
        state_ = State::broken;
    } else if (end != std::string_view::npos) {
        line_.pop_back();
        if (line_.ends_with('\r')) {
            line_.pop_back();
        }
        framed_line();
        line_.clear();
    }
    return taken;
}

std::size_t AnswerParser::take_body(std::string_view bytes)
{
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (keep_body_) {
        body_ += bytes.substr(0, taken);
    }
    left_ -= taken;
    if (left_ == 0) {
        state_ = state_ == State::chunk ? State::chunk_end : State::complete;
    }
    return taken;
}

void AnswerParser::framed_line()
{
    switch (state_) {
    case State::head:
        if (status_ == 0) {
            status_line(line_);
        } else if (line_.empty()) {
            head_complete();
        } else {
            header_line(line_);
        }
        break;
    case State::chunk_size:
        if (!parse(trimmed(std::string_view(line_).substr(0, line_.find(';'))), left_, 16)) {
            state_ = State::broken;
        } else {
            state_ = left_ == 0 ? State::trailer : State::chunk;
        }
        break;
    case State::chunk_end:
        state_ = line_.empty() ? State::chunk_size : State::broken;
        break;
    case State::trailer:
        state_ = line_.empty() ? State::complete : State::trailer;
        break;
    default:
        break;
    }
}

void AnswerParser::status_line(std::string_view line)
{
    const bool well_formed = line.size() >= 12 && line.starts_with("HTTP/1.") && line[8] == ' ' &&
                             parse(line.substr(9, 3), status_, 10) && status_ >= 100;
    if (!well_formed) {
        state_ = State::broken;
    }
    close_ = line.starts_with("HTTP/1.0");
}

void AnswerParser::header_line(std::string_view line)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        state_ = State::broken;
        return;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (same(name, "content-length")) {
        sized_ = true;
        if (!parse(value, left_, 10)) {
            state_ = State::broken;
        }
    } else if (same(name, "transfer-encoding")) {
        chunked_ = same(value, "chunked");
    } else if (same(name, "connection")) {
        close_ = same(value, "close") || (close_ && !same(value, "keep-alive"));
    } else if (same(name, "x-twin")) {
        twin_ = value;
    } else if (same(name, "x-version")) {
        version_ = value;
    }
}

void AnswerParser::head_complete()
{
    if (status_ < 200) {
        const bool keep_body = keep_body_;
        reset(keep_body);
        started_ = true;
    } else if (status_ == 204 || status_ == 304) {
        state_ = State::complete;
    } else if (chunked_) {
        state_ = State::chunk_size;
    } else if (sized_) {
        state_ = left_ == 0 ? State::complete : State::body;
    } else {
        state_ = State::broken;
    }
}

} // namespace twinctl
