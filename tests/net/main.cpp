// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "delay_line.hpp"
#include "handshakes.hpp"
#include "options.hpp"
#include "tun.hpp"
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

void report(const DelayLine::Counts& counts, std::uint64_t overrun)
{
    std::cout << "carried " << counts.carried << "  lost";
    for (std::size_t part = 0; part < part_names.size(); ++part) {
        std::cout << (part == 0 ? " " : ", ") << counts.lost[part] << ' ' << part_names[part];
    }
    const auto latest = std::chrono::duration_cast<std::chrono::microseconds>(counts.latest);
    std::cout << "  unwanted " << counts.unwanted << "  overrun " << overrun << "\nlongest queue "
              << counts.longest_queue << "  late by at most "
              << static_cast<double>(latest.count()) / 1000.0 << " ms\n";
}

int carry(const Options& options)
{
    listen_to_signals();
    // Its work is to be on time: where the processors are busy, the two ends are to wait for it.
    ::setpriority(PRIO_PROCESS, 0, -20);
    // Both are found before either is entered: `self` is where this program was started.
    const NetworkNamespace namespace_a(options.netns_a);
    const NetworkNamespace namespace_b(options.netns_b);
    const Tun tun_a(namespace_a, options.tun_a);
    const Tun tun_b(namespace_b, options.tun_b);
    DelayLine line(tun_a, tun_b, options.quality);
    std::cout << "seed " << options.quality.seed << std::endl;
    if (!options.ready_file.empty() && !(std::ofstream(options.ready_file) << "ready\n")) {
        throw std::runtime_error("cannot write " + options.ready_file);
    }
    const auto counts = line.run(DelayLine::Clock::now() + options.seconds,
                                 [] { return interrupted != 0; });
    report(counts, tun_a.overrun(namespace_a) + tun_b.overrun(namespace_b));
    return 0;
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
        return twinctl::carry(options);
    } catch (const twinctl::UsageError& error) {
        std::cerr << "delay-line: " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "delay-line: " << error.what() << '\n';
        return 1;
    }
}
