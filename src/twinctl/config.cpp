// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/guard.hpp"
#include "core/names.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/release.hpp"
#include "core/words.hpp"
#include "twinctl/nearest.hpp"

namespace twinctl {

namespace {

/// Eleven days: in milliseconds it is still an int.
constexpr std::int64_t longest_wait_s = 1'000'000;

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
        return number(key, otherwise, 0, 86400, "a number of seconds");
    }

    int number(const std::string& key, int otherwise, int least, int most, const char* what) const {
        const auto value = text(key, std::to_string(otherwise));
        int number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size() || number < least ||
            number > most) {
            fail(key, "'" + printable(value) + "' is not " + what + " (" + std::to_string(least) + " to " +
                          std::to_string(most) + ")");
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
                fail(key, "there is no such key" + did_you_mean(key, known));
            }
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

/// twin_ready: what to look for, and where.
void read_ready(const std::string& text, Config& config) {
    static const std::map<std::string, Ready> words = {
        {"", Ready::Listen}, {"listen", Ready::Listen}, {"tcp", Ready::Tcp}, {"none", Ready::None}};
    if (const auto found = words.find(text); found != words.end()) {
        config.ready = found->second;
    } else if (text.starts_with("http:/")) {
        config.ready = Ready::Http;
        config.ready_argument = text.substr(std::string("http:").size());
        if (config.ready_argument.find_first_of(" \t\r\n") != std::string::npos) {
            throw InputError("'" + printable(text) + "': a path has no blanks");
        }
    } else if (text.starts_with("exec:") && text.size() > 5) {
        config.ready = Ready::Exec;
        config.ready_argument = text.substr(std::string("exec:").size());
    } else {
        throw InputError("'" + printable(text) +
                         "': it must be listen, tcp, http:/PATH, exec:COMMAND or none");
    }
    if ((config.ready == Ready::Http || config.ready == Ready::Tcp) && config.ports.empty()) {
        throw InputError("'" + printable(text) + "' asks at the parity port, and twin_ports names none");
    }
}

/// The words that are going to be the command line, with their placeholders.
std::vector<std::string> command_words(const Checker& checker, const TwinName& twin) {
    std::vector<std::string> words{checker.text("twin_command", twin.pair)};
    checker.parsed("twin_args", [&](const std::string& text) {
        for (auto& word : split_words(text)) {
            words.push_back(std::move(word));
        }
        return 0;
    });
    return words;
}

void read_releases(const Checker& checker, const TwinName& twin, Config& config) {
    auto& releases = config.releases;
    releases.directory = checker.parsed("twin_releases", [&](const std::string& text) {
        return releases_directory(text, twin.pair, config.serving.words);
    });
    if (releases.directory.empty()) {
        return;
    }
    releases.incoming = checker.text("twin_incoming", releases.directory + "/incoming");
    if (releases.incoming.front() != '/') {
        checker.fail("twin_incoming", "'" + printable(releases.incoming) + "' is no absolute path of a directory");
    }
    const auto upload = checker.text("twin_upload", "manifest");
    if (upload != "manifest" && upload != "rename") {
        checker.fail("twin_upload", "'" + printable(upload) + "': it must be manifest or rename");
    }
    releases.by_rename = upload == "rename";
    releases.most_mib = checker.number("twin_upload_max", releases.most_mib, 1, 1 << 20, "a number of MiB");
    releases.keep = checker.number("twin_deploy_keep", releases.keep, 1, 1000, "a number of releases");
    releases.settle_s = checker.seconds("twin_deploy_settle", releases.settle_s);
    releases.interval_s = checker.seconds("twin_deploy_interval", releases.interval_s);
}

/// Settles what can be said without this kernel: where steer can be chosen, it is.
void read_serving(const Checker& checker, const TwinName& twin, Config& config) {
    config.ports = checker.parsed("twin_ports", parse_ports);
    config.public_text = checker.text("twin_public");
    auto& serving = config.serving;
    serving.endpoint = checker.text("twin_endpoint", "auto");
    serving.publics = checker.parsed("twin_public", parse_public);
    serving.ports = config.ports;
    serving.listen_fds = checker.parsed("twin_listen_fds", parse_listen_fds);
    serving.words = command_words(checker, twin);
    read_releases(checker, twin, config);
    const auto slot = slot_path(config.releases.directory, twin.parity);
    const auto endpoint = checker.parsed("twin_endpoint", [&](const std::string&) {
        return choose_endpoint(serving, "");
    });
    std::vector<std::string> fds;
    for (const auto& handed : handed_to(serving, endpoint)) {
        fds.push_back(handed.name);
    }
    checker.parsed("twin_args", [&](const std::string&) {
        for (const auto& word : serving.words) {
            replace_placeholders(word, twin, config.ports, fds, slot);
        }
        return 0;
    });
    config.command = checker.parsed("twin_command", [&](const std::string&) {
        return replace_placeholders(serving.words.front(), twin, config.ports, fds, slot);
    });
    config.switch_command = checker.text("twin_switch");
    if (!config.switch_command.empty() && endpoint != Endpoint::Direct) {
        checker.fail("twin_switch", std::string("is for endpoint direct, this pair has ") + to_string(endpoint));
    }
}

}  // namespace

const std::vector<std::string>& known_keys() {
    static const std::vector<std::string> keys = {
        "twin_args",          "twin_check",           "twin_command",       "twin_deploy_interval",
        "twin_deploy_keep",   "twin_deploy_settle",   "twin_drain_timeout", "twin_endpoint",
        "twin_guard",         "twin_hup",             "twin_incoming",      "twin_listen_fds",
        "twin_ports",         "twin_public",          "twin_quiesce_timeout", "twin_ready",
        "twin_ready_timeout", "twin_releases",        "twin_stop_retry",    "twin_switch",
        "twin_upload",        "twin_upload_max",      "twin_user",          "twin_wait_attempts",
        "twin_wait_for",
    };
    return keys;
}

Config check_settings(const Layout& layout, const TwinName& twin, const Settings& settings) {
    const Checker checker(layout, twin, settings);
    checker.known_keys_only();
    if (!checker.text("command_user").empty()) {
        checker.fail("command_user", "would take twin-exec its privileges; set twin_user instead");
    }
    Config config;
    config.pair = twin.pair;
    config.shell_said = checker.text(shell_said_key);
    read_serving(checker, twin, config);
    config.user = checker.text("twin_user");
    if (std::any_of(config.user.begin(), config.user.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
        checker.fail("twin_user", "'" + printable(config.user) + "': it must be USER or USER:GROUP");
    }
    config.check = checker.text("twin_check");
    config.hup = checker.text("twin_hup", "auto");
    if (config.hup != "auto" && config.hup != "no" && !signal_number(config.hup)) {
        checker.fail("twin_hup", "'" + printable(config.hup) +
                                     "': it must be auto, no or a signal's name such as QUIT");
    }
    checker.parsed("twin_ready", [&](const std::string& text) {
        read_ready(text, config);
        return 0;
    });
    // An attempt takes a second, and one more where nobody says no.
    const auto others = static_cast<std::int64_t>(checker.parsed("twin_wait_for", parse_wait_for).size());
    const auto wait_s = others * 2 * checker.seconds("twin_wait_attempts", 10);
    config.wait_s = static_cast<int>(std::min<std::int64_t>(wait_s, longest_wait_s));
    config.notify = checker.text("notify");
    config.ready_timeout = checker.seconds("twin_ready_timeout", 30);
    config.quiesce_timeout = checker.seconds("twin_quiesce_timeout", 3);
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
    config.output_log = checker.text("output_log");
    config.directory = checker.text("directory");
    config.capabilities = checker.text("capabilities");
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
