// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/pair_status.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"
#include "twinctl/readiness.hpp"

namespace twinctl {

namespace {

std::string twin_state(const TwinView& view) {
    if (view.alive && view.draining) {
        return "draining";
    }
    if (view.state == ServiceState::Started && !view.alive) {
        return "crashed";
    }
    if (view.state == ServiceState::Stopped && view.alive) {
        return "zapped";
    }
    return to_string(view.state);
}

/// Only root may look into the processes of others.
unsigned connections_of(Observer& observer, const Record& record, int parity) {
    try {
        return observer.connections(record, parity);
    } catch (const SystemError&) {
        return 0;
    }
}

void judge(PairStatus& status, const TwinView (&views)[2], bool journal, bool locked) {
    const int up = (views[0].is_up() ? 1 : 0) + (views[1].is_up() ? 1 : 0);
    const bool draining = status.twins[0].state == "draining" || status.twins[1].state == "draining";
    const bool zapped = status.twins[0].state == "zapped" || status.twins[1].state == "zapped";
    const bool crashed = status.twins[0].state == "crashed" || status.twins[1].state == "crashed";
    status.serves = up > 0 || zapped;
    if (journal && locked) {
        status.state = "swapping";
    } else if (journal) {
        status.state = "interrupted";
        status.hint = "a swap was interrupted: `twinctl start " + status.name + "` finishes or undoes it";
    } else if (up == 2) {
        status.state = "both";
        status.hint = "both twins are up and nobody swaps: `twinctl swap " + status.name +
                      "` drains them and leaves one";
    } else if (up == 1) {
        status.state = "started";
        const auto is_left = [](const TwinView& view) { return view.alive && view.record->rehearsal; };
        if (draining) {
            status.hint = "the other twin is hung up: the next swap ends it";
        } else if (!locked && (is_left(views[0]) || is_left(views[1]))) {
            status.hint = "the other twin was left by a rehearsal: `twinctl start " + status.name + "` ends it";
        }
    } else if (draining) {
        status.state = "draining";
        status.hint = "the last twin is hung up and deaf: `twinctl swap " + status.name + "` replaces it";
    } else if (zapped) {
        status.state = "zapped";
        status.hint = "a zap made OpenRC forget a twin that lives: `twinctl swap " + status.name +
                      "` takes it back";
    } else if (crashed) {
        status.state = "crashed";
        status.hint = "`twinctl start " + status.name + "` starts it again";
    } else {
        status.state = "stopped";
        if (views[0].given_up || views[1].given_up) {
            status.hint = "its supervisor has given up on it: `twinctl start " + status.name + "` starts it again";
        }
    }
}

/// Of a link: whether it leads to one.
bool is_template(const std::string& path) {
    return read_file_if_any(path).value_or("").find("# service.example of twinctl, format ") != std::string::npos;
}

}  // namespace

PairStatus pair_status(const std::string& pair, const std::vector<Config>& configs,
                       Observer& observer, Notebook& notebook, bool locked) {
    PairStatus status;
    status.name = pair;
    status.endpoint = to_string(choose_endpoint(configs.front().serving, ""));
    status.publics = configs.front().public_text;
    const TwinView views[2] = {observer.look({pair, 0}), observer.look({pair, 1})};
    for (int parity = 0; parity < 2; ++parity) {
        const auto& view = views[parity];
        TwinStatus twin;
        twin.name = {pair, parity};
        twin.state = twin_state(view);
        twin.ports = configs[static_cast<std::size_t>(parity)].ports;
        if (view.alive) {
            twin.pid = view.record->process.pid;
            twin.ports = parse_ports(view.record->ports);
            twin.release = view.record->release;
            twin.version = twin.release.empty() ? view.record->fingerprint.substr(0, 8) : twin.release;
            twin.uptime_s = age_s(view.record->process);
            twin.connections = connections_of(observer, *view.record, parity);
            status.endpoint = to_string(view.record->endpoint);
            status.publics = view.record->publics;
        }
        status.twins.push_back(std::move(twin));
    }
    // Where only one is up, that is the one, whatever was written down.
    if (views[0].is_up() != views[1].is_up()) {
        status.active = views[1].is_up() ? 1 : 0;
    } else if (views[0].is_up()) {
        status.active = notebook.active(pair).value_or(0);
    }
    const auto journal = notebook.read_journal(pair);
    judge(status, views, journal && (locked || !journal->left), locked);
    if (journal && journal->left && (status.state == "started" || status.state == "both")) {
        status.state = "started";
        status.twins[static_cast<std::size_t>(journal->from)].state = "draining";
        status.hint = TwinName{pair, journal->from}.str() + " was left draining: it is stopped when it is done";
    }
    return status;
}

std::string status_text(const std::vector<PairStatus>& pairs) {
    std::string text;
    for (const auto& pair : pairs) {
        text += pair.name + ": " + pair.state;
        text += pair.publics.empty() ? "\n" : ", " + pair.endpoint + " on " + pair.publics + "\n";
        for (const auto& twin : pair.twins) {
            text += "  " + twin.name.str() + "  " + twin.state;
            if (twin.pid != 0) {
                text += ", pid " + std::to_string(twin.pid);
                for (const auto& port : twin.ports) {
                    text += ", port " + endpoint_text(port.address, port.of(twin.name.parity));
                }
                text += ", " + counted(twin.connections, "connection") + ", version " +
                        twin.version + ", up " + std::to_string(twin.uptime_s) + " s";
            }
            text += pair.active == twin.name.parity ? ", active\n" : "\n";
        }
        if (!pair.hint.empty()) {
            text += "  " + pair.hint + "\n";
        }
    }
    return text;
}

std::vector<std::string> list_pairs(const Layout& layout) {
    std::vector<std::string> pairs;
    DIR* dir = opendir(layout.initscript("").c_str());
    if (dir == nullptr) {
        return pairs;
    }
    while (const dirent* entry = readdir(dir)) {
        const std::string file = entry->d_name;
        if (file.size() < 3 || !file.ends_with(".0")) {
            continue;
        }
        const auto pair = file.substr(0, file.size() - 2);
        if (why_no_name(pair).empty() && is_template(layout.initscript(file)) &&
            is_template(layout.initscript(pair + ".1"))) {
            pairs.push_back(pair);
        }
    }
    closedir(dir);
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

std::string why_apart(const Layout& layout, const std::string& pair) {
    struct stat script {};
    if (stat(layout.initscript(pair).c_str(), &script) != 0) {
        return {};
    }
    for (int parity = 0; parity < 2; ++parity) {
        const auto path = layout.initscript(TwinName{pair, parity}.str());
        struct stat twin {};
        if (stat(path.c_str(), &twin) == 0 && (twin.st_ino != script.st_ino || twin.st_dev != script.st_dev)) {
            return path + " is a file of its own and no link to " + pair + " any more: what changes there does not reach it";
        }
    }
    return {};
}

}  // namespace twinctl
