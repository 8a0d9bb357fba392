// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/journal.hpp"

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/release.hpp"

namespace twinctl {

namespace {

constexpr const char* step_names[] = {"preflight", "start", "ready", "switch", "quiesce",
                                      "hup",       "drain", "stop",  "record"};

/// The year 9999 ends: what comes after it could not be counted with in milliseconds for ever.
constexpr std::int64_t last_second = 253402300799;

/// A whole number from 0 to MOST. The library would convert a fraction, and cut what is too large.
std::int64_t whole_number(const nlohmann::json& json, std::int64_t most) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > static_cast<std::uint64_t>(most)) {
        throw SystemError("not a journal");
    }
    return json.get<std::int64_t>();
}

}  // namespace

const char* to_string(Step step) {
    return step_names[static_cast<int>(step)];
}

std::optional<Step> step_from(const std::string& text) {
    int number = 0;
    for (const auto* name : step_names) {
        if (text == name) {
            return static_cast<Step>(number);
        }
        ++number;
    }
    return {};
}

std::string to_text(const Journal& journal) {
    nlohmann::ordered_json json = {
        {"format", Journal::format},          {"name", journal.pair},
        {"from", journal.from},               {"to", journal.to},
        {"step", to_string(journal.step)},    {"drain_until", journal.drain_until},
        {"drain_for", journal.drain_for},     {"left", journal.left},
    };
    if (journal.slot_before) {
        json["slot_before"] = *journal.slot_before;
    }
    return json.dump() + "\n";
}

Journal parse_journal(const std::string& text) {
    try {
        const auto json = nlohmann::json::parse(text);
        if (json.at("format") != Journal::format) {
            throw SystemError("a journal of another format");
        }
        Journal journal;
        journal.pair = json.at("name");
        journal.from = static_cast<int>(whole_number(json.at("from"), 1));
        journal.to = static_cast<int>(whole_number(json.at("to"), 1));
        journal.drain_until = whole_number(json.at("drain_until"), last_second);
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
    } catch (const nlohmann::json::exception&) {
        throw SystemError("not a journal");
    }
}

}  // namespace twinctl
