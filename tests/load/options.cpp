// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "options.hpp"

#include <boost/program_options.hpp>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "usage_error.hpp"

namespace po = boost::program_options;

namespace twinctl {

const char* const usage_text =
    R"(usage: twin-load --url http://HOST:PORT/PATH [OPTION...]
Sends HTTP requests to this machine and classes how each of them ended.

  --url URL             where to; may be repeated (round robin; with --keep-alive each client
                        stays with one of them)
  --unix PATH           through this Unix socket (@NAME: an abstract one); HOST:PORT, which may
                        then be anything, is only what the Host header says
  --rate N              requests a second over all clients, 0: as fast as it goes (0)
  --clients N           how many requests are under way at the most (16)
  --seconds S           for how long to send, up to 3600 (10; with --requests 600)
  --requests N          how many to send
  --until-file PATH     stop sending when this file appears
  --keep-alive          reuse connections (a new connection for each request)
  --timeout MS          for connecting, and again for the whole answer (5000)
  --post BYTES          POST a body of that size
  --post-ms MS          and take that long to send it (0)
  --source-ports LO-HI  connect from these ports only
  --rst-percent P       close this share of connections by RST, after the answer
  --expect TEXT         the body has to contain this
  --progress            a line on stderr each second
  --json                the report as JSON
  --help

HOST is in 127.0.0.0/8, [::1] or localhost; with TWIN_LOAD_NETNS=1 also in 10.0.0.0/8.
Exit: 0 nothing lost, 1 something lost or nothing answered, 2 usage
)";

namespace {

constexpr std::uint64_t most_clients = 10'000;
constexpr std::uint64_t longest_seconds = 3600;
constexpr std::uint64_t seconds_for_requests = 600;

std::uint64_t number(std::string_view text, std::uint64_t low, std::uint64_t high,
                     const std::string& option)
{
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
        throw UsageError(option + ": a number from " + std::to_string(low) + " to " +
                         std::to_string(high) + " expected, not '" + std::string(text) + "'");
    }
    return value;
}

po::variables_map parsed(int argc, const char* const* argv)
{
    po::options_description known;
    auto add = known.add_options();
    for (const char* name : {"help", "keep-alive", "progress", "json"}) {
        add(name, "");
    }
    add("url", po::value<std::vector<std::string>>()->composing(), "");
    for (const char* name : {"rate", "clients", "seconds", "requests", "until-file", "timeout",
                             "post", "post-ms", "source-ports", "rst-percent", "expect", "unix"}) {
        add(name, po::value<std::string>(), "");
    }
    po::variables_map values;
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    try {
        const po::positional_options_description none;
        po::store(po::command_line_parser(argc, argv)
                      .options(known)
                      .positional(none)
                      .style(style)
                      .run(),
                  values);
    } catch (const po::error& error) {
        throw UsageError(error.what());
    }
    return values;
}

std::pair<std::uint16_t, std::uint16_t> port_range(const std::string& text)
{
    const auto dash = text.find('-');
    if (dash == std::string::npos) {
        throw UsageError("--source-ports: LO-HI expected, not '" + text + "'");
    }
    const auto low = number(text.substr(0, dash), 1, 65535, "--source-ports");
    const auto high = number(text.substr(dash + 1), low, 65535, "--source-ports");
    return {static_cast<std::uint16_t>(low), static_cast<std::uint16_t>(high)};
}

bool own_namespace()
{
    const char* value = std::getenv("TWIN_LOAD_NETNS");
    return value != nullptr && std::string_view(value) == "1";
}

} // namespace

Options parse_options(int argc, const char* const* argv)
{
    const po::variables_map values = parsed(argc, argv);
    const auto given = [&values](const char* name) { return values.count(name) != 0; };
    const auto text = [&](const char* name) {
        return given(name) ? values[name].as<std::string>() : std::string();
    };
    const auto value = [&](const char* name, std::uint64_t fallback, std::uint64_t low,
                           std::uint64_t high) {
        return given(name) ? number(text(name), low, high, std::string("--") + name) : fallback;
    };
    const auto milliseconds = [&](const char* name, std::uint64_t fallback, std::uint64_t low) {
        return std::chrono::milliseconds(value(name, fallback, low, longest_seconds * 1000));
    };
    Options options;
    options.help = given("help");
    if (options.help) {
        return options;
    }
    if (!given("url")) {
        throw UsageError("--url is missing");
    }
    for (const std::string& url : values["url"].as<std::vector<std::string>>()) {
        options.targets.push_back(given("unix") ? parse_unix_target(url, text("unix"))
                                                : parse_target(url, own_namespace()));
    }
    for (const char* name : {"source-ports", "rst-percent"}) {
        if (given("unix") && given(name)) {
            throw UsageError(std::string("--") + name + ": a Unix socket knows no such thing");
        }
    }
    options.rate = static_cast<unsigned>(value("rate", 0, 0, 1'000'000));
    options.clients = static_cast<unsigned>(value("clients", options.clients, 1, most_clients));
    options.requests = value("requests", 0, 1, 1'000'000'000);
    options.duration = std::chrono::seconds(
        value("seconds", given("requests") ? seconds_for_requests : 10, 1, longest_seconds));
    options.until_file = text("until-file");
    options.keep_alive = given("keep-alive");
    options.timeout = milliseconds("timeout", 5000, 1);
    if (given("post")) {
        options.post = value("post", 0, 0, 256U << 20U);
    }
    options.post_time = milliseconds("post-ms", 0, 0);
    if (options.post_time.count() > 0 && !options.post) {
        throw UsageError("--post-ms needs --post");
    }
    if (given("source-ports")) {
        const auto range = port_range(text("source-ports"));
        if (range.second - range.first + 1U < options.clients) {
            throw UsageError("--source-ports: fewer ports than --clients");
        }
        options.source_ports = range;
    }
    options.rst_percent = static_cast<unsigned>(value("rst-percent", 0, 0, 100));
    options.expect = text("expect");
    options.progress = given("progress");
    options.json = given("json");
    return options;
}

} // namespace twinctl
