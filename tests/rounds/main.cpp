// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <exception>
#include <iostream>

#include "core/error.hpp"
#include "options.hpp"
#include "plan.hpp"
#include "round.hpp"
#include "settle.hpp"

namespace twinctl {

namespace {

/// Each one costs a page of output; what is wrong mostly shows in the first.
constexpr unsigned most_failures = 10;

void show(const Totals& totals, const Options& options) {
    std::cout << "# " << totals.rounds - totals.failed << " of " << totals.rounds << " rounds agreed, seed "
              << options.seed << ": " << totals.actions << " actions, " << totals.killed << " killed, "
              << totals.with_stop << " rounds with a stop, " << totals.settled << " settled by a command\n"
              << "# " << totals.lost << " of " << totals.sent << " requests lost where no stop was asked, "
              << totals.cut << " cut by a stop by hand without a hang-up\n";
    if (options.verbose) {
        for (const auto& [name, ends] : totals.ends) {
            std::cout << "# " << name << ':';
            for (const auto& [status, count] : ends) {
                std::cout << ' ' << count << " exit " << status;
            }
            std::cout << '\n';
        }
    }
}

int play(const Options& options) {
    Totals totals;
    for (unsigned i = 0; i < options.rounds && totals.failed < most_failures; ++i) {
        if (!run_round(make_plan(options.seed + i, options.kills), options, totals)) {
            start_afresh();
        }
    }
    show(totals, options);
    // Where each swap finds the pair busy nothing was tried.
    return totals.failed == 0 && (totals.sent > 0 || totals.rounds < 5) && (options.rounds < 50 || options.kills || totals.ends["swap"][0] > 0) ? 0 : 1;
}

}  // namespace

}  // namespace twinctl

int main(int argc, char** argv) {
    try {
        return twinctl::play(twinctl::parse_options(argc, argv));
    } catch (const twinctl::InputError& error) {
        std::cerr << "twin-rounds: " << error.what() << '\n' << twinctl::usage_text;
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "twin-rounds: " << error.what() << '\n';
        return 1;
    }
}
