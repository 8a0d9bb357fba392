// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/options.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include "core/error.hpp"
#include "core/ports.hpp"
#include "core/public_socket.hpp"
#include "core/release.hpp"
#include "core/words.hpp"

namespace twinctl {

const char usage_text[] =
    "usage: twin-exec --twin NAME.P [--ports SPEC] [--public SPEC] [--endpoint KIND]\n"
    "                 [--listen-fds yes|no|nonblocking] [--user USER[:GROUP]]\n"
    "                 [--umask MODE] [--own WORDS] [--sum SUM] [--releases DIR]\n"
    "                 [--supervisor NAME] [--args WORDS] -- COMMAND [ARG...]\n"
    "       twin-exec --prepare --twin NAME.P [--wait-for SPEC] [--wait-attempts N]\n"
    "                 [--log FILE]... [the same options] -- COMMAND [ARG...]\n"
    "       twin-exec --guard NAME.P [--mode enforce|warn|off] [--hup auto|no|SIGNAL]\n"
    "                 [--switch COMMAND]\n"
    "       twin-exec --up NAME.P\n"
    "       twin-exec --reap NAME.P\n"
    "       twin-exec --lock NAME --fd N [--wait SECONDS] [--purpose TEXT]\n"
    "       twin-exec --help | --version\n"
    "\n"
    "Runs COMMAND as one twin of a pair, on the ports of its parity; see twin-exec(8).\n";

namespace {

/// Walks argv; every option that takes a value takes it as the next word.
class Words {
public:
    Words(int argc, const char* const* argv) : at_(argv + (argc > 0 ? 1 : 0)), end_(argv + argc) {}

    bool done() const { return at_ == end_; }
    std::string_view next() { return *at_++; }

    std::string value_of(std::string_view option) {
        if (done()) {
            throw InputError(std::string(option) + " needs a value");
        }
        return *at_++;
    }

private:
    const char* const* at_;
    const char* const* end_;
};

int parse_number(std::string_view option, const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > 86400) {
        throw InputError(std::string(option) + " needs a number, not '" + printable(text) + "'");
    }
    return value;
}

/// Octal, as OpenRC takes it; empty: as it is.
std::optional<mode_t> parse_umask(const std::string& text) {
    if (text.empty()) {
        return {};
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (error != std::errc{} || end != text.data() + text.size() || value > 0777) {
        throw InputError("umask: '" + printable(text) + "' is no octal mode, such as 027");
    }
    return value;
}

void set_mode(Options& options, Mode mode) {
    if (options.mode != Mode::Launch) {
        throw InputError("one of --prepare, --guard, --up, --reap and --lock at a time");
    }
    options.mode = mode;
}

void check_complete(const Options& options) {
    if (options.mode == Mode::Lock) {
        if (options.lock_fd < 3) {
            throw InputError("--lock needs --fd with a descriptor above 2");
        }
    } else if (options.twin.pair.empty()) {
        throw InputError("--twin is missing");
    } else if ((options.mode == Mode::Launch || options.mode == Mode::Prepare) && options.command.empty()) {
        throw InputError("the command is missing");
    }
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
    Options options;
    std::string extra_words;
    Words words(argc, argv);
    bool commanded = false;
    while (!words.done() && !commanded) {
        const auto word = words.next();
        if (word == "--") {
            commanded = true;
        } else if (word == "--help" || word == "-h") {
            options.mode = Mode::Help;
            return options;
        } else if (word == "--version") {
            options.mode = Mode::Version;
            return options;
        } else if (word == "--twin") {
            options.twin = parse_twin_name(words.value_of(word));
        } else if (word == "--prepare") {
            set_mode(options, Mode::Prepare);
        } else if (word == "--guard") {
            set_mode(options, Mode::Guard);
            options.twin = parse_twin_name(words.value_of(word));
        } else if (word == "--up") {
            set_mode(options, Mode::Up);
            options.twin = parse_twin_name(words.value_of(word));
        } else if (word == "--reap") {
            set_mode(options, Mode::Reap);
            options.twin = parse_twin_name(words.value_of(word));
        } else if (word == "--lock") {
            set_mode(options, Mode::Lock);
            options.twin.pair = words.value_of(word);
            if (const auto why = why_no_name(options.twin.pair); !why.empty()) {
                throw InputError("'" + printable(options.twin.pair) + "' is no name: " + why);
            }
        } else if (word == "--ports") {
            options.ports_text = words.value_of(word);
            options.serving.ports = parse_ports(options.ports_text);
        } else if (word == "--public") {
            options.public_text = words.value_of(word);
            options.serving.publics = parse_public(options.public_text);
        } else if (word == "--endpoint") {
            options.serving.endpoint = words.value_of(word);
        } else if (word == "--listen-fds") {
            options.serving.listen_fds = parse_listen_fds(words.value_of(word));
        } else if (word == "--wait-for") {
            options.wait_for = parse_wait_for(words.value_of(word));
        } else if (word == "--wait-attempts") {
            options.wait_attempts = parse_number(word, words.value_of(word));
        } else if (word == "--switch") {
            options.switch_command = words.value_of(word);
        } else if (word == "--user") {
            options.user = words.value_of(word);
        } else if (word == "--umask") {
            options.umask = parse_umask(words.value_of(word));
        } else if (word == "--own") {
            options.own = words.value_of(word);
        } else if (word == "--supervisor") {
            options.supervised = words.value_of(word) == "supervise-daemon";
        } else if (word == "--log") {
            options.logs.push_back(words.value_of(word));
        } else if (word == "--sum") {
            options.config_sum = words.value_of(word);
        } else if (word == "--releases") {
            options.releases = words.value_of(word);
        } else if (word == "--args") {
            extra_words = words.value_of(word);
        } else if (word == "--mode") {
            options.guard = words.value_of(word);
        } else if (word == "--hup") {
            options.hup = true;
            options.hup_signal = words.value_of(word);
        } else if (word == "--fd") {
            options.lock_fd = parse_number(word, words.value_of(word));
        } else if (word == "--wait") {
            options.wait_s = parse_number(word, words.value_of(word));
        } else if (word == "--purpose") {
            options.purpose = words.value_of(word);
        } else {
            throw InputError("unknown option '" + printable(word) + "'");
        }
    }
    while (!words.done()) {
        options.command.emplace_back(words.next());
    }
    const auto more = split_words(extra_words);
    if (!options.command.empty()) {
        options.command.insert(options.command.begin() + 1, more.begin(), more.end());
    }
    options.serving.words = options.command;
    options.releases = releases_directory(options.releases, options.twin.pair, options.command);
    check_complete(options);
    return options;
}

}  // namespace twinctl
