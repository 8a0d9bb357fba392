// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/json_text.hpp"

#include <nlohmann/json.hpp>

#include <optional>

#include "core/error.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"
#include "core/release.hpp"
#include "twinctl/adopt.hpp"
#include "twinctl/examine.hpp"
#include "twinctl/journal.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/rehearsal.hpp"
#include "twinctl/swap.hpp"

namespace twinctl {

namespace {

using Json = nlohmann::ordered_json;

/// The last second of the year 9999: a later time would overflow when it is counted in milliseconds.
constexpr std::int64_t last_second = 253402300799;

std::string line_of(const Json& json) {
    return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json object_of(const std::string& pair, const SwapOutcome& outcome) {
    Json phases = Json::object();
    for (const auto step : {Step::Start, Step::Ready, Step::Switch, Step::Quiesce, Step::Hup,
                            Step::Drain, Step::Stop}) {
        const auto found = outcome.phases_ms.find(step);
        phases[to_string(step)] = found == outcome.phases_ms.end() ? 0 : found->second;
    }
    Json json = {
        {"name", pair},
        {"from", outcome.from},
        {"to", outcome.to},
        {"result", outcome.result},
        {"exit", outcome.exit},
        {"connections_cut", outcome.connections_cut},
        {"phases_ms", phases},
        {"message", outcome.message},
    };
    if (!outcome.release.empty()) {
        json["release"] = outcome.release;
        json["quarantined"] = outcome.quarantined;
    }
    return json;
}

Json object_of(const TwinStatus& twin) {
    Json ports = Json::object();
    for (const auto& port : twin.ports) {
        ports[port.name] = port.of(twin.name.parity);
    }
    Json json = {
        {"name", twin.name.str()},
        {"parity", twin.name.parity},
        {"state", twin.state},
        {"pid", twin.pid != 0 ? Json(twin.pid) : Json()},
        {"ports", ports},
        {"version", text_or_null(twin.version)},
        {"uptime_s", twin.uptime_s},
        {"connections", twin.connections},
    };
    if (!twin.release.empty()) {
        json["release"] = twin.release;
    }
    return json;
}

/// A whole number from 0 to MOST. The library would convert a fraction, and truncate a number that is too large.
std::int64_t whole_number(const Json& json, std::int64_t most) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > static_cast<std::uint64_t>(most)) {
        throw SystemError("not a journal");
    }
    return json.get<std::int64_t>();
}

}  // namespace

std::string outcome_json(const std::string& pair, const SwapOutcome& outcome) {
    return line_of(object_of(pair, outcome));
}

std::string ledger_line(const std::string& pair, const SwapOutcome& outcome, std::int64_t wall_s) {
    Json line = {{"time", wall_s}};
    line.update(object_of(pair, outcome));
    return line_of(line);
}

ReadOutcome read_outcome(const std::string& text) {
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return {};
    }
    return {json.value("message", ""), json.value("quarantined", false)};
}

std::string status_json(const std::vector<PairStatus>& pairs) {
    Json list = Json::array();
    for (const auto& pair : pairs) {
        Json twins = Json::array();
        for (const auto& twin : pair.twins) {
            twins.push_back(object_of(twin));
        }
        list.push_back({{"name", pair.name},
                        {"state", pair.state},
                        {"active", pair.active ? Json(*pair.active) : Json()},
                        {"endpoint", pair.endpoint},
                        {"public", text_or_null(pair.publics)},
                        {"twins", twins}});
    }
    return line_of({{"pairs", list}});
}

std::string changes_json(const std::string& pair, const std::vector<FileChange>& changes, bool planned) {
    Json files = Json::array();
    for (const auto& change : changes) {
        Json file{{"path", change.path}, {"change", to_string(change.kind)}};
        if (planned && (change.kind == FileChange::Kind::Write || change.kind == FileChange::Kind::Link)) {
            file["content"] = change.content;
        }
        if (!change.note.empty()) {
            file["note"] = change.note;
        }
        files.push_back(file);
    }
    return line_of({{"name", pair}, {"changed", any_change(changes)}, {"files", files}});
}

std::string adopt_json(const std::string& pair, const std::string& service, const AdoptOutcome& outcome) {
    return line_of({{"name", pair},
                    {"service", service},
                    {"result", outcome.result},
                    {"exit", outcome.exit},
                    {"connections_cut", outcome.connections_cut},
                    {"runlevels", outcome.runlevels},
                    {"message", outcome.message}});
}

std::string findings_json(const std::string& pair, const std::vector<Finding>& findings, const std::string& plan) {
    Json list = Json::array();
    for (const auto& finding : findings) {
        list.push_back({{"weight", to_string(finding.weight)},
                        {"text", finding.text},
                        {"cure", text_or_null(finding.cure)}});
    }
    return line_of({{"name", pair}, {"findings", list}, {"plan", plan}});
}

std::string promises_json(const TwinName& twin, const std::vector<Promise>& promises) {
    Json list = Json::array();
    for (const auto& promise : promises) {
        list.push_back({{"promise", promise.name},
                        {"result", to_string(promise.result)},
                        {"text", promise.text}});
    }
    return line_of({{"name", twin.pair}, {"twin", twin.str()}, {"promises", list}});
}

std::string plan_json(const std::string& pair, const std::string& plan) {
    return line_of({{"name", pair}, {"plan", plan}});
}

std::string journal_json(const Journal& journal) {
    Json json = {
        {"format", Journal::format},          {"name", journal.pair},
        {"from", journal.from},               {"to", journal.to},
        {"step", to_string(journal.step)},    {"drain_for", journal.drain_for},
        {"left", journal.left},
    };
    if (journal.drain_began) {
        json["drain_began"] = *journal.drain_began;
    }
    if (journal.slot_before) {
        json["slot_before"] = *journal.slot_before;
    }
    return json.dump() + "\n";
}

Journal parse_journal(const std::string& text) {
    try {
        const auto json = Json::parse(text);
        if (json.at("format") != Journal::format) {
            throw SystemError("a journal of another format");
        }
        Journal journal;
        journal.pair = json.at("name");
        journal.from = static_cast<int>(whole_number(json.at("from"), 1));
        journal.to = static_cast<int>(whole_number(json.at("to"), 1));
        if (json.contains("drain_began")) {
            journal.drain_began = whole_number(json.at("drain_began"), last_second);
        }
        journal.drain_for = json.contains("drain_for") ? whole_number(json.at("drain_for"), last_second) : 0;
        journal.left = json.value("left", false);
        if (json.contains("slot_before")) {
            journal.slot_before = json.at("slot_before").get<std::string>();
        }
        const auto step = step_from(json.at("step"));
        const bool is_odd = !journal.slot_before.value_or("").empty() && !why_no_release_id(*journal.slot_before).empty();
        if (!step || is_odd || journal.to != 1 - journal.from) {
            throw SystemError("not a journal");
        }
        journal.step = *step;
        return journal;
    } catch (const Json::exception&) {
        throw SystemError("not a journal");
    }
}

}  // namespace twinctl
