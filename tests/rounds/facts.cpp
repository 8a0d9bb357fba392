// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "facts.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "actor.hpp"
#include "client.hpp"
#include "core/files.hpp"

namespace twinctl {

namespace {

using Json = nlohmann::json;

constexpr int asks = 3;

std::vector<std::string> list(const std::string& directory) {
    std::vector<std::string> names;
    if (DIR* dir = opendir(directory.c_str())) {
        while (const dirent* entry = readdir(dir)) {
            const std::string name = entry->d_name;
            if (name != "." && name != "..") {
                names.push_back(name);
            }
        }
        closedir(dir);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> marks_of(const std::string& service) {
    std::vector<std::string> marks;
    for (const char* mark : {"starting", "started", "stopping", "inactive"}) {
        if (is_there(std::string("/run/openrc/") + mark + "/" + service)) {
            marks.emplace_back(mark);
        }
    }
    return marks;
}

std::optional<int> left_draining() {
    const auto text = read_file_if_any("/run/twin/web/journal");
    const auto journal = Json::parse(text.value_or(""), nullptr, false);
    if (!journal.is_object() || !journal.value("left", false)) {
        return {};
    }
    return journal.value("from", 0);
}

std::vector<std::string> held_locks() {
    std::vector<std::string> held;
    for (const char* name : {"lock", "guard"}) {
        const auto path = std::string("/run/twin/web/") + name;
        const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (fd && flock(fd.get(), LOCK_SH | LOCK_NB) != 0) {
            held.emplace_back(name);
        }
    }
    return held;
}

std::vector<std::string> find_litter() {
    std::vector<std::string> litter;
    for (const char* directory : {"/run/twin", "/run/twin/web", "/run/twin/other", "/var/lib/twin/web",
                                  "/etc/init.d", "/etc/conf.d", "/run/openrc/options/web.0",
                                  "/run/openrc/options/web.1"}) {
        for (const auto& name : list(directory)) {
            if (name.find(".tmp") != std::string::npos) {
                litter.push_back(std::string(directory) + "/" + name);
            }
        }
    }
    return litter;
}

void add_process(Facts& facts, const Seen& process) {
    if (is_command(process)) {
        facts.commands.push_back(process);
        return;
    }
    if (!is_service(process)) {
        return;
    }
    // What stays beside a steered twin ends with it. One in the place of a twin has a supervisor.
    if (process.comm == "twin-exec" && process.parent == 1) {
        return;
    }
    for (auto& twin : facts.twins) {
        const bool serves = process.comm == "parityd" && variable_of(process.pid, "TWIN_NAME") == twin.name;
        const bool stands_by = process.comm != "parityd" &&
                               std::find(process.argv.begin(), process.argv.end(), twin.name) !=
                                   process.argv.end();
        if (serves) {
            twin.services.push_back(process.pid);
        } else if (stands_by) {
            twin.others.push_back(process.pid);
        }
    }
}

template <typename Items>
std::string joined(const Items& items) {
    std::string text;
    for (const auto& item : items) {
        text += " ";
        if constexpr (std::is_integral_v<std::decay_t<decltype(item)>>) {
            text += std::to_string(item);
        } else {
            text += item;
        }
    }
    return text.empty() ? " -" : text;
}

}  // namespace

void take_status(Facts& facts) {
    const auto done = run_shell("twinctl status web --json");
    facts.status = done.status;
    facts.text = done.output;
    // A note may come before it.
    const auto at = done.output.find("{\"pairs\"");
    const auto json = Json::parse(at == std::string::npos ? "" : done.output.substr(at), nullptr, false);
    if (!json.is_object() || json["pairs"].empty()) {
        facts.state = "?";
        return;
    }
    const auto& pair = json["pairs"][0];
    facts.state = pair["state"];
    facts.active = pair["active"].is_null() ? std::nullopt : std::optional<int>(pair["active"]);
    for (int parity = 0; parity < 2; ++parity) {
        const auto& twin = pair["twins"][static_cast<std::size_t>(parity)];
        facts.twins[parity].state = twin["state"];
        facts.twins[parity].pid = twin["pid"].is_null() ? 0 : twin["pid"].get<pid_t>();
    }
}

Facts gather(const Options& options) {
    Facts facts;
    facts.twins[0].name = "web.0";
    facts.twins[1].name = "web.1";
    take_status(facts);
    facts.rc_status = run_shell("rc-service web status").status;
    facts.marks = marks_of("web");
    for (int parity = 0; parity < 2; ++parity) {
        auto& twin = facts.twins[parity];
        twin.rc_status = run_shell("rc-service " + twin.name + " status").status;
        twin.marks = marks_of(twin.name);
        twin.answer = ask(static_cast<std::uint16_t>(options.base + parity));
    }
    for (int i = 0; i < asks; ++i) {
        facts.answers.push_back(ask(options.port).value_or("-"));
    }
    const auto noted = read_file_if_any("/var/lib/twin/web/active").value_or("");
    if (noted == "0\n" || noted == "1\n") {
        facts.noted = noted.front() - '0';
    }
    facts.left = left_draining();
    facts.files = list("/run/twin/web");
    facts.litter = find_litter();
    for (const auto& pin : list("/run/twin/.bpf")) {
        // The kernel's own in each bpf file system: maps.debug, progs.debug.
        if (pin.find('.') == std::string::npos) {
            facts.pins.push_back(pin);
        }
    }
    facts.locks = held_locks();
    for (const auto& process : scan_processes()) {
        add_process(facts, process);
    }
    return facts;
}

std::string to_text(const Facts& facts) {
    std::string text = facts.text + "exit " + std::to_string(facts.status) + "\nweb: marks" + joined(facts.marks) +
                       ", rc-service says " + std::to_string(facts.rc_status) + ", noted active " +
                       (facts.noted ? std::to_string(*facts.noted) : "-") + "\n";
    for (const auto& twin : facts.twins) {
        text += twin.name + ": marks" + joined(twin.marks) + ", rc-service says " +
                std::to_string(twin.rc_status) + ", services" + joined(twin.services) + ", others" +
                joined(twin.others) + ", its port is answered by " + twin.answer.value_or("-") + "\n";
    }
    text += "public port answered by" + joined(facts.answers) + "\nfiles" + joined(facts.files) + "\nlitter" +
            joined(facts.litter) + "\npins" + joined(facts.pins) + "\nlocks held" + joined(facts.locks) + "\n";
    for (const auto& process : facts.commands) {
        text += "still running: " + to_text(process) + "\n";
    }
    return text;
}

}  // namespace twinctl
