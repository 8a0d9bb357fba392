// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include "core/error.hpp"

namespace twinctl {

const char* const usage_text =
    R"(usage: twin-rounds [OPTION...]
Lets two to four commands loose on the pair `web` at once, round after round, and looks each time
whether all that can be seen of it agrees. tests/system/rounds.sh sets the pair up.

  --rounds N        how many (100)
  --seed N          what the first round is made of; the next has N + 1 (1)
  --kills           kill -9 of some of the commands
  --endpoint KIND   direct, steer or inherit (direct)
  --supervised      the twins run under supervise-daemon
  --load PROGRAM    twin-load
  --base PORT       the base port of the pair (8080)
  --port PORT       where its clients come to (80)
  --verbose         show each round
)";

namespace {

std::uint64_t number(std::string_view option, std::string_view text, std::uint64_t most) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most) {
        throw InputError(std::string(option) + " needs a number, not '" + std::string(text) + "'");
    }
    return value;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto value = [&] {
            if (++i >= argc) {
                throw InputError(std::string(word) + " needs a value");
            }
            return std::string_view(argv[i]);
        };
        const auto port = [&] { return static_cast<std::uint16_t>(number(word, value(), 65535)); };
        if (word == "--rounds") {
            options.rounds = static_cast<unsigned>(number(word, value(), 1'000'000));
        } else if (word == "--seed") {
            options.seed = number(word, value(), ~std::uint64_t{0});
        } else if (word == "--kills") {
            options.kills = true;
        } else if (word == "--supervised") {
            options.supervised = true;
        } else if (word == "--verbose") {
            options.verbose = true;
        } else if (word == "--endpoint") {
            options.endpoint = value();
        } else if (word == "--load") {
            options.load = value();
        } else if (word == "--base") {
            options.base = port();
        } else if (word == "--port") {
            options.port = port();
        } else {
            throw InputError("unknown option " + std::string(word));
        }
    }
    return options;
}

}  // namespace twinctl
