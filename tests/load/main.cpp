// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

#include "load_run.hpp"
#include "options.hpp"
#include "outcome.hpp"
#include "report.hpp"
#include "tally.hpp"
#include "usage_error.hpp"

namespace twinctl {

namespace {

volatile sig_atomic_t interrupted = 0;

void interrupt(int)
{
    interrupted = 1;
}

void listen_to_signals()
{
    struct sigaction action = {};
    action.sa_handler = interrupt;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

/// Each client needs a descriptor. Throws UsageError where not even the hard limit allows that.
void make_room_for(unsigned clients)
{
    constexpr rlim_t others = 16;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= clients + others) {
        return;
    }
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, clients + others);
    if (limit.rlim_cur < clients + others || ::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw UsageError("--clients: the limit of open files is " +
                         std::to_string(limit.rlim_max));
    }
}

int load(const Options& options)
{
    make_room_for(options.clients);
    listen_to_signals();
    LoadRun run(options, [] { return interrupted != 0; });
    const Tally tally = run.run();
    options.json ? write_json(std::cout, tally) : write_text(std::cout, tally);
    // A run in which nothing was answered proves nothing, even if nothing was lost either.
    return tally.lost() == 0 && tally.count(Outcome::ok) > 0 ? 0 : 1;
}

} // namespace

} // namespace twinctl

int main(int argc, char** argv)
{
    try {
        const twinctl::Options options = twinctl::parse_options(argc, argv);
        if (options.help) {
            std::cout << twinctl::usage_text;
            return 0;
        }
        return twinctl::load(options);
    } catch (const twinctl::UsageError& error) {
        std::cerr << "twin-load: " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "twin-load: " << error.what() << '\n';
        return 1;
    }
}
