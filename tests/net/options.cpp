// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "options.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <boost/program_options.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "usage_error.hpp"

namespace po = boost::program_options;

namespace twinctl {

const char* const usage_text =
    R"(usage: delay-line --netns-a NETNS --netns-b NETNS --tun-a DEVICE --tun-b DEVICE [OPTION...]
A slow and lossy line between two network namespaces, where the kernel has no netem: makes a
tun device in each of them, and carries the packets of IPv4 between the two. Needs root.

  --netns-a NETNS      the one side: a name of ip-netns(8), a path, or self
  --netns-b NETNS      the other
  --tun-a NAME,IP/LEN  its device and address, such as twin-a,10.98.0.1/24; gone at the end
  --tun-b NAME,IP/LEN
  --rtt-ms MS          there and back, half of it each way (100)
  --loss-percent P     how many packets are lost, such as 0.5 (0)
  --loss-of WHICH      handshakes: SYN, SYN-ACK and the ACK of that only; or all (handshakes)
  --seed N             of what is lost (a new one each time; it is printed)
  --seconds S          for how long, up to 3600 (60); TERM and INT end it sooner
  --ready-file PATH    written when packets are carried
  --help

At the end it says what it has carried and lost.
Exit: 0, 1 the system refused something or a device is gone, 2 usage
)";

namespace {

template <typename Number>
Number number(std::string_view text, Number low, Number high, const std::string& what)
{
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
        throw UsageError(what + ": a number from " + std::to_string(low) + " to " +
                         std::to_string(high) + " expected, not '" + std::string(text) + "'");
    }
    return value;
}

/// Not std::from_chars: of numbers with a point it knows nothing in libstdc++ 10 and libc++ 14.
double percentage(const std::string& text)
{
    std::size_t end = 0;
    double value = -1;
    try {
        value = std::stod(text, &end);
    } catch (const std::logic_error&) {
        end = 0;
    }
    if (end == 0 || end != text.size() || !(value >= 0 && value <= 100)) {
        throw UsageError("--loss-percent: a number from 0 to 100 expected, not '" + text + "'");
    }
    return value;
}

Device device(const std::string& text, const std::string& option)
{
    const auto comma = text.find(',');
    const auto slash = text.find('/');
    if (comma == std::string::npos || slash == std::string::npos || slash < comma || comma == 0 ||
        comma >= IFNAMSIZ) {
        throw UsageError(option + ": NAME,IP/LEN expected, not '" + text + "'");
    }
    Device device;
    device.name = text.substr(0, comma);
    const std::string address = text.substr(comma + 1, slash - comma - 1);
    if (::inet_pton(AF_INET, address.c_str(), &device.address) != 1) {
        throw UsageError(option + ": an IPv4 address expected, not '" + address + "'");
    }
    device.prefix = number(std::string_view(text).substr(slash + 1), 1U, 32U, option);
    return device;
}

po::variables_map parsed(int argc, const char* const* argv)
{
    po::options_description known;
    auto add = known.add_options();
    add("help", "");
    for (const char* name : {"netns-a", "netns-b", "tun-a", "tun-b", "rtt-ms", "loss-percent",
                             "loss-of", "seed", "seconds", "ready-file"}) {
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
    const auto text = [&values](const std::string& name, const std::string& fallback) {
        return values.count(name) != 0 ? values[name].as<std::string>() : fallback;
    };
    const auto needed = [&values](const std::string& name) {
        if (values.count(name) == 0) {
            throw UsageError("--" + name + " is missing");
        }
        return values[name].as<std::string>();
    };
    Options options;
    options.help = values.count("help") != 0;
    if (options.help) {
        return options;
    }
    options.netns_a = needed("netns-a");
    options.netns_b = needed("netns-b");
    options.tun_a = device(needed("tun-a"), "--tun-a");
    options.tun_b = device(needed("tun-b"), "--tun-b");
    const std::chrono::milliseconds there_and_back(
        number(text("rtt-ms", "100"), 0, 60'000, "--rtt-ms"));
    options.quality.delay = std::chrono::microseconds(there_and_back) / 2;
    options.quality.loss_percent = percentage(text("loss-percent", "0"));
    const std::string loss_of = text("loss-of", "handshakes");
    if (loss_of != "handshakes" && loss_of != "all") {
        throw UsageError("--loss-of: handshakes or all expected, not '" + loss_of + "'");
    }
    options.quality.lose_handshakes_only = loss_of == "handshakes";
    options.quality.seed = values.count("seed") != 0
                               ? number<std::uint32_t>(text("seed", ""), 0, 0xffffffffU, "--seed")
                               : std::random_device()();
    options.seconds = std::chrono::seconds(number(text("seconds", "60"), 1, 3600, "--seconds"));
    options.ready_file = text("ready-file", "");
    return options;
}

} // namespace twinctl
