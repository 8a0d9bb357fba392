// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "report.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <string>
#include <string_view>

#include "latencies.hpp"
#include "outcome.hpp"

namespace twinctl {

namespace {

std::string milliseconds(std::chrono::microseconds time)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", static_cast<double>(time.count()) / 1000.0);
    return text;
}

std::uint64_t rate(const Tally& tally)
{
    const auto time = static_cast<std::uint64_t>(tally.elapsed().count());
    return time == 0 ? 0 : tally.count(Outcome::ok) * 1'000'000 / time;
}

std::string json_string(std::string_view text)
{
    std::string json = "\"";
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            json += '\\';
            json += letter;
        } else if (code < 0x20 || code > 0x7e) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(code));
            json += escaped;
        } else {
            json += letter;
        }
    }
    return json + '"';
}

std::string_view or_dash(const std::string& text)
{
    return text.empty() ? std::string_view("-") : std::string_view(text);
}

} // namespace

void write_text(std::ostream& out, const Tally& tally)
{
    const Latencies& times = tally.latencies();
    out << "sent " << tally.sent() << "  ok " << tally.count(Outcome::ok) << "  lost "
        << tally.lost() << "  (";
    const char* gap = "";
    for (const Outcome loss : losses) {
        out << gap << name_of(loss) << ' ' << tally.count(loss);
        gap = " ";
    }
    out << ")  rate " << rate(tally) << "/s  p50 " << milliseconds(times.percentile(0.5))
        << " p99 " << milliseconds(times.percentile(0.99)) << " max " << milliseconds(times.max())
        << " ms\n";
    for (const auto& [who, answers] : tally.by_twin()) {
        out << "by " << or_dash(who.first) << " version " << or_dash(who.second) << ": "
            << answers.ok;
        if (answers.wrong != 0) {
            out << ", wrong " << answers.wrong;
        }
        out << '\n';
    }
    out << "longest silence " << tally.longest_silence().count() / 1000 << " ms\n";
    if (tally.reopened_connections() != 0) {
        out << "reopened " << tally.reopened_connections() << '\n';
    }
    if (tally.aborted_connections() != 0) {
        out << "closed by RST " << tally.aborted_connections() << '\n';
    }
    if (tally.count(Outcome::local) != 0) {
        out << "local " << tally.count(Outcome::local) << '\n';
    }
    for (const auto& [status, count] : tally.by_status()) {
        out << "status " << status << ": " << count << '\n';
    }
    for (const auto& [error, count] : tally.by_error()) {
        out << "error " << errno_name(error) << ": " << count << '\n';
    }
}

void write_json(std::ostream& out, const Tally& tally)
{
    const Latencies& times = tally.latencies();
    out << "{\"sent\": " << tally.sent() << ", \"ok\": " << tally.count(Outcome::ok)
        << ", \"lost\": " << tally.lost();
    for (const Outcome loss : losses) {
        out << ", \"" << name_of(loss) << "\": " << tally.count(loss);
    }
    out << ", \"local\": " << tally.count(Outcome::local)
        << ", \"reopened\": " << tally.reopened_connections()
        << ", \"aborted\": " << tally.aborted_connections() << ", \"rate\": " << rate(tally)
        << ", \"elapsed_ms\": " << milliseconds(tally.elapsed())
        << ", \"p50_ms\": " << milliseconds(times.percentile(0.5))
        << ", \"p99_ms\": " << milliseconds(times.percentile(0.99))
        << ", \"max_ms\": " << milliseconds(times.max())
        << ", \"longest_silence_ms\": " << milliseconds(tally.longest_silence()) << ", \"by\": [";
    const char* comma = "";
    for (const auto& [who, answers] : tally.by_twin()) {
        out << comma << "{\"twin\": " << json_string(who.first) << ", \"version\": "
            << json_string(who.second) << ", \"ok\": " << answers.ok << ", \"wrong\": " << answers.wrong
            << ", \"first_ms\": " << milliseconds(answers.first)
            << ", \"last_ms\": " << milliseconds(answers.last) << '}';
        comma = ", ";
    }
    out << "], \"status\": {";
    comma = "";
    for (const auto& [status, count] : tally.by_status()) {
        out << comma << '"' << status << "\": " << count;
        comma = ", ";
    }
    out << "}, \"errors\": {";
    comma = "";
    for (const auto& [error, count] : tally.by_error()) {
        out << comma << json_string(errno_name(error)) << ": " << count;
        comma = ", ";
    }
    out << "}}\n";
}

} // namespace twinctl
