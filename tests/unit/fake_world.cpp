// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "fake_world.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/ports.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"
#include "twinctl/journal.hpp"

namespace twinctl {

FakeWorld::FakeWorld() {
    for (auto& twin : twins) {
        const int parity = static_cast<int>(&twin - twins);
        twin.on_start = [this, parity](Twin&) {
            run_twin(parity);
            return true;
        };
        twin.on_hup = [](Twin& self) {
            self.view.draining = true;
            self.view.listening = self.connections > 0;
            return true;
        };
        twin.on_stop = [](Twin& self) {
            self.view = {};
            self.connections = 0;
            return true;
        };
    }
}

void FakeWorld::run_twin(int parity) {
    auto& view = twins[parity].view;
    view = {};
    view.state = ServiceState::Started;
    view.alive = view.listening = true;
    Record record;
    record.process = {next_pid_++, 1};
    record.ports = "8080";
    record.endpoint = endpoint;
    view.record = record;
}

std::vector<Config> FakeWorld::configs() const {
    Config config;
    config.command = "web";
    config.ports = parse_ports("8080");
    config.releases.directory = releases;
    return {config, config};
}

bool FakeWorld::run(const std::string& service, const std::vector<std::string>& words,
                    std::string& output, int) {
    auto line = "rc " + service;
    for (const auto& word : words) {
        line += " " + word;
    }
    log.push_back(line);
    auto& twin = twins[parse_twin_name(service).parity];
    bool done = true;
    for (const auto& word : words) {
        if (word == "start") {
            done = twin.on_start(twin);
        } else if (word == "hup") {
            done = twin.on_hup(twin);
        } else if (word == "stop") {
            done = twin.on_stop(twin);
        } else if (word == "zap") {
            twin.view.state = ServiceState::Stopped;
        }
    }
    output = done ? "" : "rc-service said no";
    return done;
}

bool FakeWorld::is_running(const std::string& service) {
    return service == orphan;
}

TwinView FakeWorld::look(const TwinName& twin) {
    return twins[twin.parity].view;
}

bool FakeWorld::serves(const TwinName& twin, const Record&) {
    return twins[twin.parity].view.listening && twins[twin.parity].waits;
}

bool FakeWorld::serves_if_asked(const TwinName& twin, const Record&) {
    log.push_back("ask " + twin.str());
    return twins[twin.parity].takes_what_comes;
}

Holder FakeWorld::who_listens(const TwinName& twin, const Record&) {
    return twins[twin.parity].holder;
}

bool FakeWorld::is_alive(const ProcessId& process) {
    for (const auto& twin : twins) {
        if (twin.view.record && twin.view.record->process == process) {
            return twin.view.alive;
        }
    }
    return false;
}

unsigned FakeWorld::connections(const Record&, int parity) {
    return twins[parity].connections;
}

bool FakeWorld::any_connection(const Record&, int parity) {
    return twins[parity].connections > 0;
}

std::optional<TakenPort> FakeWorld::taken_port(const Config&, int) {
    return taken;
}

bool FakeWorld::accepts_tcp(const Config&, int) {
    return true;
}

std::string FakeWorld::why_no_answer(const Config&, int, int) {
    return no_answer;
}

SignalFate FakeWorld::fate_of(const ProcessId& process, int) {
    for (const auto& twin : twins) {
        if (twin.view.record && twin.view.record->process == process) {
            return twin.hup;
        }
    }
    return SignalFate::Ends;
}

std::vector<ProcessId> FakeWorld::family_of(const ProcessId& process) {
    return {process};
}

std::string FakeWorld::end_listening(const std::vector<ProcessId>&, const Record&, int) {
    return left_behind;
}

std::uint64_t FakeWorld::memory_of(const ProcessId&) {
    return memory_needed;
}

std::uint64_t FakeWorld::memory_available() {
    return memory_left;
}

std::string FakeWorld::why_blind(const TwinName&, const Record&) {
    return blind;
}

std::string FakeWorld::why_unstartable(const Config&) {
    return program_missing;
}

std::string FakeWorld::listens_elsewhere(const ProcessId&) {
    return elsewhere;
}

bool FakeWorld::run_check(const std::string& command, const TwinName&, const std::vector<Port>&, int,
                          std::string& output) {
    log.push_back("check " + command);
    output = check_output;
    return check_passes;
}

std::uint64_t FakeWorld::log_size(const Config&) {
    return 0;
}

std::string FakeWorld::last_lines(const Config&, std::uint64_t) {
    return lines;
}

void FakeWorld::check(const Config&, const Record&) {
    if (!endpoint_trouble.empty()) {
        throw InputError(endpoint_trouble);
    }
}

void FakeWorld::steer_to(const TwinName& twin) {
    if (switch_fails) {
        throw SystemError("cannot steer");
    }
    log.push_back("steer to " + twin.str());
}

std::string FakeWorld::would_lose(const TwinName&) {
    return lost;
}

bool FakeWorld::leads_to(const TwinName&) {
    return true;
}

bool FakeWorld::run_switch(const TwinName& to, const Config& config, std::string& output) {
    log.push_back(config.switch_command + " " + to.str());
    output = switch_fails ? "no such server" : "";
    return !switch_fails;
}

void FakeWorld::begin_quiesce(const TwinName& old) {
    log.push_back("quiesce " + old.str());
}

unsigned FakeWorld::unquiet() {
    if (handshakes.empty()) {
        return 0;
    }
    const auto left = handshakes.front();
    handshakes.erase(handshakes.begin());
    return left;
}

void FakeWorld::send(const ProcessId& process, int number) {
    for (int parity = 0; parity < 2; ++parity) {
        auto& view = twins[parity].view;
        if (view.record && view.record->process == process) {
            log.push_back("signal " + std::to_string(number) + " to web." + std::to_string(parity));
            view.listening = false;
        }
    }
}

void FakeWorld::keep_socket_files(const TwinName& twin) {
    log.push_back("keep files of " + twin.str());
}

void FakeWorld::keep_listeners(const TwinName& twin) {
    log.push_back("keep listeners of " + twin.str());
}

std::string FakeWorld::mend_listeners() {
    return std::exchange(shut_down, {});
}

std::optional<Journal> FakeWorld::read_journal(const std::string&) {
    return journal;
}

void FakeWorld::write_journal(const Journal& entry) {
    journal = entry;
    log.push_back(std::string("journal ") + to_string(entry.step));
}

void FakeWorld::clear_journal(const std::string&) {
    journal.reset();
    log.push_back("journal cleared");
}

std::optional<int> FakeWorld::active(const std::string&) {
    return active_parity;
}

void FakeWorld::set_active(const std::string&, int parity) {
    active_parity = parity;
    log.push_back("active " + std::to_string(parity));
}

void FakeWorld::announce_retirement(const TwinName& twin) {
    log.push_back("retiring " + twin.str());
}

void FakeWorld::retire(const TwinName& twin) {
    log.push_back("retire " + twin.str());
}

void FakeWorld::forget_retirement(const TwinName& twin) {
    log.push_back("unretire " + twin.str());
}

std::string FakeWorld::release_of(const Config&, int parity) {
    return slots[parity];
}

void FakeWorld::point_slot(const Config&, int parity, const std::string& release) {
    slots[parity] = release;
    log.push_back("slot " + std::to_string(parity) + " " + release);
}

void FakeWorld::set_release_before(const std::string&, const std::string& release) {
    log.push_back("before " + release);
}

void FakeWorld::add_to_ledger(const std::string&, const std::string&) {
    if (ledger_fails) {
        throw SystemError("cannot write the ledger: No space left on device");
    }
    log.push_back("ledger");
}

std::int64_t FakeWorld::now_ms() {
    return time_ms;
}

std::int64_t FakeWorld::boot_s() {
    return 1000 + time_ms / 1000;
}

std::int64_t FakeWorld::wall_s() {
    return wall_at_boot_s + boot_s();
}

void FakeWorld::pause(int ms, const std::optional<ProcessId>&) {
    time_ms += ms;
    if (meanwhile) {
        meanwhile(time_ms);
    }
}

int FakeWorld::interrupted() {
    return signal;
}

void FakeWorld::begin(const std::string&, int, int) {}

void FakeWorld::done(const std::string&, const std::string&, std::int64_t) {}

void FakeWorld::waiting(const std::string&, const std::string&) {}

void FakeWorld::note(const std::string& text) {
    log.push_back("note " + text);
}

}  // namespace twinctl
