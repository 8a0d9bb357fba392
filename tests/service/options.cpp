// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "options.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/program_options.hpp>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

#include "usage_error.hpp"

namespace po = boost::program_options;

namespace twinctl {

const char* const usage_text =
    R"(usage: parityd (--port N | --fd NAME,FD | LISTEN_FDS=N) [OPTION...]
A small HTTP service that keeps the SIGHUP contract of twinned services.

  --port N               listen on this port
  --address A            at this address, IPv4 or IPv6 (127.0.0.1)
  --fd NAME,FD           serve this listening descriptor too, TCP or Unix; may be repeated
  --backlog N            of the listener, 1 to 4096 (128)
  --workers N            fork N processes that accept on the same listener
  --version-name TEXT    what it calls its version (PARITYD_VERSION, else 1)
  --version-file PATH    take the version from the first line of this file
  --pid-file PATH        written once it listens, removed at exit
  --graceful-signal S    HUP, QUIT or USR1 (HUP)
  --misbehave NAME       break the contract; may be repeated (and PARITYD_MISBEHAVE, by commas):
                         never-ready slow-ready:MS die-at-start die-later:MS ignore-hup
                         die-of-hup wrong-port hang-on-term exit-after-hup close-first
                         never-drain cut-open keep-listener shutdown-listener unhealthy
  --misbehave-file PATH  more of them, one a line, if this file exists at start
  --help

Each answer begins with version=V twin=T pid=P request=N listener=NAME (port: that of --port).
Paths: / /slow?ms=N /stream?ms=N&chunks=N /bytes?n=N /echo (POST) /health /count /env
/held?by=PATH (answered when that file is gone)
Environment: TWIN_NAME, LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES, PARITYD_VERSION,
PARITYD_MISBEHAVE, PARITYD_COUNT_FILE (gets a line TWIN VERSION PID COUNT at exit)
Exit: 0 stopped, 1 could not serve, 2 usage, 3 die-at-start, 4 die-later
)";

namespace {

std::string from_environment(const char* name, const char* fallback)
{
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : fallback;
}

int number(std::string_view text, int low, int high, const std::string& what)
{
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
        throw UsageError(what + ": a number from " + std::to_string(low) + " to " +
                         std::to_string(high) + " expected, not '" + std::string(text) + "'");
    }
    return value;
}

PassedFd passed_fd(const std::string& text)
{
    const auto comma = text.rfind(',');
    if (comma == std::string::npos || comma == 0) {
        throw UsageError("--fd: NAME,FD expected, not '" + text + "'");
    }
    return {text.substr(0, comma), number(text.substr(comma + 1), 3, 1 << 20, "--fd")};
}

std::vector<PassedFd> passed_by_environment()
{
    std::vector<PassedFd> passed;
    const std::string count = from_environment("LISTEN_FDS", "");
    // sd_listen_fds(3): descriptors meant for another pid are not ours, and that is no error.
    if (count.empty() || from_environment("LISTEN_PID", "") != std::to_string(::getpid())) {
        return passed;
    }
    std::string names = from_environment("LISTEN_FDNAMES", "");
    const int total = number(count, 1, 64, "LISTEN_FDS");
    for (int index = 0; index < total; ++index) {
        const auto colon = names.find(':');
        const std::string name = names.substr(0, colon);
        passed.push_back({name.empty() ? "unknown" : name, 3 + index});
        names = colon == std::string::npos ? std::string() : names.substr(colon + 1);
    }
    return passed;
}

int signal_by_name(const std::string& name)
{
    if (name == "HUP") {
        return SIGHUP;
    }
    if (name == "QUIT") {
        return SIGQUIT;
    }
    if (name == "USR1") {
        return SIGUSR1;
    }
    throw UsageError("--graceful-signal: HUP, QUIT or USR1 expected, not '" + name + "'");
}

std::string first_line(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line) || line.empty()) {
        throw UsageError("--version-file: cannot read a version from " + path);
    }
    return line;
}

po::variables_map parsed(int argc, const char* const* argv)
{
    using Texts = std::vector<std::string>;
    po::options_description known;
    auto add = known.add_options();
    add("help", "");
    add("misbehave", po::value<Texts>()->composing(), "");
    add("fd", po::value<Texts>()->composing(), "");
    for (const char* name : {"port", "address", "backlog", "workers", "version-name",
                             "version-file", "pid-file", "graceful-signal", "misbehave-file"}) {
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

} // namespace

Options parse_options(int argc, const char* const* argv)
{
    const po::variables_map values = parsed(argc, argv);
    const auto text = [&values](const char* name, const std::string& fallback) {
        return values.count(name) != 0 ? values[name].as<std::string>() : fallback;
    };
    const auto texts = [&values](const char* name) {
        using Texts = std::vector<std::string>;
        return values.count(name) != 0 ? values[name].as<Texts>() : Texts();
    };
    Options options;
    options.help = values.count("help") != 0;
    if (options.help) {
        return options;
    }
    options.address = text("address", options.address);
    if (values.count("port") != 0) {
        options.port = static_cast<std::uint16_t>(number(text("port", ""), 1, 65535, "--port"));
    }
    options.passed = passed_by_environment();
    for (const std::string& passed : texts("fd")) {
        options.passed.push_back(passed_fd(passed));
    }
    if (!options.port && options.passed.empty()) {
        throw UsageError("nothing to listen on: give --port, --fd or LISTEN_FDS with LISTEN_PID");
    }
    options.backlog = number(text("backlog", "128"), 1, 4096, "--backlog");
    options.workers = number(text("workers", "0"), 0, 64, "--workers");
    options.pid_file = text("pid-file", "");
    options.graceful_signal = signal_by_name(text("graceful-signal", "HUP"));

    options.identity.twin = from_environment("TWIN_NAME", "none");
    options.identity.version = from_environment("PARITYD_VERSION", "1");
    if (values.count("version-file") != 0) {
        options.identity.version = first_line(text("version-file", ""));
    }
    options.identity.version = text("version-name", options.identity.version);

    options.misbehaviours.add_list(from_environment("PARITYD_MISBEHAVE", ""));
    for (const std::string& name : texts("misbehave")) {
        options.misbehaviours.add(name);
    }
    options.misbehaviours.add_file(text("misbehave-file", ""));
    return options;
}

} // namespace twinctl
