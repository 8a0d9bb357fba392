// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/endpoint.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"

namespace twinctl {

/// The shell variables of one twin as OpenRC would see them; absent keys are not set.
using Settings = std::map<std::string, std::string>;

enum class Ready { Listen, Tcp, Http, Exec, None };

/// Where new versions come from: release_store.hpp, upload.hpp.
struct ReleaseSettings {
    std::string directory;  ///< twin_releases; empty: the pair has no releases
    std::string incoming;   ///< twin_incoming
    bool by_rename = false; ///< twin_upload=rename: what has its final name is complete
    int most_mib = 4096;    ///< twin_upload_max
    int keep = 5;           ///< twin_deploy_keep
    int settle_s = 2;       ///< twin_deploy_settle
    int interval_s = 10;    ///< twin_deploy_interval

    bool operator==(const ReleaseSettings&) const = default;
};

/// The settings of one twin, checked. Times in seconds.
struct Config {
    std::string pair;
    std::string command;  ///< placeholders replaced
    std::vector<Port> ports;
    std::string public_text;
    Serving serving;      ///< all that the endpoint follows from
    std::string switch_command;
    std::string user;
    std::string check;
    std::string hup = "auto";  ///< auto, no, or a signal's name
    Ready ready = Ready::Listen;
    std::string ready_argument;  ///< the path of http:, the command of exec:
    std::string notify;          ///< OpenRC's own notify=; its start waits for the service's word
    int wait_s = 0;              ///< how long the start may wait for what twin_wait_for names
    int ready_timeout = 30;      ///< for the start and for becoming ready, each
    int quiesce_timeout = 3;
    int drain_timeout = 60;
    ReleaseSettings releases;
    std::string guard = "enforce";
    std::string supervisor;
    std::string error_log;  ///< where the twin's stderr goes; empty: to a logger
    std::string output_log;  ///< the same of stdout
    std::string directory;  ///< where it works; empty: /
    std::string capabilities;
    std::string shell_said;  ///< what /bin/sh complained of when it read the files
};

/// In Settings: what the shell has complained of. No variable has this name.
constexpr char shell_said_key[] = "shell said";

/// The twin_* keys there are.
const std::vector<std::string>& known_keys();

/// Checks the settings of TWIN. Throws InputError that names the file and the key.
Config check_settings(const Layout& layout, const TwinName& twin, const Settings& settings);

/// What /etc/conf.d says for both twins, read by /bin/sh in OpenRC's order: rc.conf, conf.d/NAME,
/// conf.d/NAME.P, of which NAME.RUNLEVEL takes the place where there is one.
/// Throws InputError where a file has an error of syntax.
std::vector<Settings> read_settings(const Layout& layout, const std::string& pair);

/// What the shell has printed for both twins: KEY NUL VALUE NUL ..., NUL, the output of `set`, NUL.
/// Throws SystemError where that is cut short.
std::vector<Settings> parse_settings(std::string_view output);

/// read_settings and check_settings for both twins.
std::vector<Config> read_config(const Layout& layout, const std::string& pair);

}  // namespace twinctl
