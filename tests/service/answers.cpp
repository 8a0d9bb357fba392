// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "answers.hpp"

#include <charconv>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "crc32.hpp"
#include "process_facts.hpp"

namespace twinctl {

namespace {

constexpr unsigned longest_ms = 3'600'000;
constexpr std::chrono::seconds longest_hold{120};
constexpr unsigned most_chunks = 100'000;
constexpr unsigned most_bytes = 256U << 20U;

struct BadQuery : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The text of NAME in a query `a=1&b=2`.
std::optional<std::string_view> query_text(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const auto amp = query.find('&');
        const std::string_view pair = query.substr(0, amp);
        query = amp == std::string_view::npos ? std::string_view{} : query.substr(amp + 1);
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

/// The number of NAME in such a query.
unsigned query_value(std::string_view query, std::string_view name, unsigned fallback,
                     unsigned most)
{
    const auto digits = query_text(query, name);
    if (!digits) {
        return fallback;
    }
    unsigned value = 0;
    const auto [end, failure] =
        std::from_chars(digits->data(), digits->data() + digits->size(), value);
    if (failure != std::errc{} || end != digits->data() + digits->size() || value > most) {
        throw BadQuery(std::string(name) + ": a number up to " + std::to_string(most));
    }
    return value;
}

std::string bytes(std::string text, std::size_t size)
{
    text.resize(size, 'x');
    if (size > 0) {
        text.back() = '\n';
    }
    return text;
}

Answer stream(const std::string& line, std::string_view query)
{
    const unsigned chunks = query_value(query, "chunks", 20, most_chunks);
    Answer answer;
    for (unsigned number = 1; number <= chunks; ++number) {
        answer.pieces.push_back("chunk " + std::to_string(number) + ' ' + line);
    }
    answer.pieces.push_back("end\n");
    const std::chrono::milliseconds spread(query_value(query, "ms", 2000, longest_ms));
    answer.interval = std::chrono::microseconds(spread) / (chunks == 0 ? 1 : chunks);
    return answer;
}

std::string echo(std::string_view body)
{
    char text[64];
    std::snprintf(text, sizeof text, "length=%zu crc=%08x\n", body.size(),
                  static_cast<unsigned>(crc32(body)));
    return text;
}

} // namespace

Answer Answers::to(const Request& request, std::uint64_t number, std::uint64_t answered) const
{
    const auto mark = request.target.find('?');
    const std::string_view path = request.target.substr(0, mark);
    const std::string_view query =
        mark == std::string_view::npos ? std::string_view{} : request.target.substr(mark + 1);
    const std::string who = identity_.describe();
    const std::string line = who + " request=" + std::to_string(number) +
                             " listener=" + std::string(request.listener) + '\n';

    Answer answer;
    answer.body = line;
    try {
        if (path == "/") {
            return answer;
        }
        if (path == "/slow") {
            answer.delay = std::chrono::milliseconds(query_value(query, "ms", 500, longest_ms));
        } else if (path == "/held") {
            answer.held_by = query_text(query, "by").value_or("");
            answer.delay = longest_hold;
        } else if (path == "/stream") {
            answer = stream(line, query);
        } else if (path == "/bytes") {
            answer.body = bytes(line, query_value(query, "n", 100'000, most_bytes));
        } else if (path == "/echo") {
            answer.body += echo(request.body);
        } else if (path == "/health") {
            answer.status = healthy_ ? 200 : 503;
            answer.body = healthy_ ? "ok\n" : "unhealthy\n";
        } else if (path == "/count") {
            answer.body = who + " count=" + std::to_string(answered) + '\n';
        } else if (path == "/env") {
            answer.body += describe_process();
        } else {
            answer.status = 404;
            answer.body += "no such path\n";
        }
    } catch (const BadQuery& error) {
        answer = Answer();
        answer.status = 400;
        answer.body = line + error.what() + '\n';
    }
    return answer;
}

} // namespace twinctl
