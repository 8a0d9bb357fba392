// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/config.hpp"

#include <algorithm>
#include <charconv>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/process.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

/// Checks one twin's settings and says of each fault which file and key it is in.
class Checker {
public:
    Checker(const Layout& layout, const TwinName& twin, const Settings& settings)
        : layout_(layout), twin_(twin), settings_(settings) {}

    [[noreturn]] void fail(const std::string& key, const std::string& why) const {
        throw InputError(file_of(key) + ": " + key + ": " + why);
    }

    std::string text(const std::string& key, const std::string& otherwise = {}) const {
        const auto found = settings_.find(key);
        return found == settings_.end() || found->second.empty() ? otherwise : found->second;
    }

    int seconds(const std::string& key, int otherwise) const {
        const auto value = text(key, std::to_string(otherwise));
        int number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size() || number < 0 ||
            number > 86400) {
            fail(key, "'" + printable(value) + "' is not a number of seconds (0 to 86400)");
        }
        return number;
    }

    /// Runs PARSE, whose InputError becomes one about KEY.
    template <typename Parse>
    auto parsed(const std::string& key, Parse parse) const {
        try {
            return parse(text(key));
        } catch (const InputError& error) {
            fail(key, error.what());
        }
    }

    void known_keys_only() const {
        for (const auto& [key, value] : settings_) {
            const auto& known = known_keys();
            if (key.starts_with("twin_") &&
                std::find(known.begin(), known.end(), key) == known.end()) {
                fail(key, "there is no such key");
            }
        }
    }

    /// Keys of what this version does not do yet are refused, not passed over.
    void not_yet(const std::string& key, const std::string& allowed = {}) const {
        const auto value = text(key);
        if (!value.empty() && value != allowed) {
            fail(key, "'" + printable(value) + "' is not supported by this version");
        }
    }

private:
    std::string file_of(const std::string& key) const {
        const auto own = layout_.conf(twin_.str());
        const auto content = "\n" + read_file_if_any(own).value_or("");
        return content.find("\n" + key + "=") != std::string::npos ? own
                                                                   : layout_.conf(twin_.pair);
    }

    const Layout& layout_;
    const TwinName& twin_;
    const Settings& settings_;
};

Ready parse_ready(const std::string& text) {
    if (text.empty() || text == "listen") {
        return Ready::Listen;
    }
    if (text == "tcp") {
        return Ready::Tcp;
    }
    if (text == "none") {
        return Ready::None;
    }
    throw InputError("'" + printable(text) + "': it must be listen, tcp or none");
}

}  // namespace

const std::vector<std::string>& known_keys() {
    static const std::vector<std::string> keys = {
        "twin_args",          "twin_check",         "twin_command",       "twin_drain_timeout",
        "twin_endpoint",      "twin_guard",         "twin_hup",           "twin_listen_fds",
        "twin_ports",         "twin_public",        "twin_ready",         "twin_ready_timeout",
        "twin_stop_retry",    "twin_switch",        "twin_user",          "twin_wait_attempts",
        "twin_wait_for",
    };
    return keys;
}

Config check_settings(const Layout& layout, const TwinName& twin, const Settings& settings) {
    const Checker checker(layout, twin, settings);
    checker.known_keys_only();
    for (const auto* key : {"twin_public", "twin_listen_fds", "twin_switch", "twin_wait_for",
                            "twin_wait_attempts"}) {
        checker.not_yet(key);
    }
    if (checker.text("twin_endpoint", "auto") != "auto") {
        checker.not_yet("twin_endpoint", "direct");
    }
    if (!checker.text("command_user").empty()) {
        checker.fail("command_user", "would take twin-exec its privileges; set twin_user instead");
    }
    Config config;
    config.args = checker.text("twin_args");
    config.ports = checker.parsed("twin_ports", parse_ports);
    config.command = checker.parsed("twin_command", [&](const std::string& text) {
        return text.empty() ? twin.pair : replace_placeholders(text, twin, config.ports);
    });
    checker.parsed("twin_args", [&](const std::string& text) {
        for (const auto& word : split_words(text)) {
            replace_placeholders(word, twin, config.ports);
        }
        return 0;
    });
    config.user = checker.text("twin_user");
    config.check = checker.text("twin_check");
    config.hup = checker.text("twin_hup", "auto");
    if (config.hup != "auto" && config.hup != "no" && !signal_number(config.hup)) {
        checker.fail("twin_hup", "'" + printable(config.hup) +
                                     "': it must be auto, no or a signal's name such as QUIT");
    }
    config.ready = checker.parsed("twin_ready", parse_ready);
    config.ready_timeout = checker.seconds("twin_ready_timeout", 30);
    config.drain_timeout = checker.seconds("twin_drain_timeout", 60);
    config.guard = checker.text("twin_guard", "enforce");
    checker.parsed("twin_guard", [&](const std::string&) { return parse_guard_mode(config.guard); });
    config.supervisor = checker.text("supervisor");
    if (!config.supervisor.empty() && config.supervisor != "start-stop-daemon" &&
        config.supervisor != "supervise-daemon") {
        checker.fail("supervisor", "'" + printable(config.supervisor) +
                                       "': it must be start-stop-daemon or supervise-daemon");
    }
    if (checker.text("error_logger").empty()) {
        config.error_log = checker.text("error_log", layout.output(twin));
    }
    return config;
}

std::vector<Config> read_config(const Layout& layout, const std::string& pair) {
    std::vector<Config> configs;
    int parity = 0;
    for (const auto& settings : read_settings(layout, pair)) {
        configs.push_back(check_settings(layout, {pair, parity++}, settings));
    }
    return configs;
}

}  // namespace twinctl
