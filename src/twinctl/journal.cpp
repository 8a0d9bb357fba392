// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/journal.hpp"

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace twinctl {

namespace {

constexpr const char* step_names[] = {"preflight", "start", "ready", "switch", "quiesce",
                                      "hup",       "drain", "stop",  "record"};

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
    const nlohmann::ordered_json json = {
        {"format", Journal::format},          {"name", journal.pair},
        {"from", journal.from},               {"to", journal.to},
        {"step", to_string(journal.step)},    {"drain_until", journal.drain_until},
        {"drain_for", journal.drain_for},     {"left", journal.left},
    };
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
        journal.from = json.at("from");
        journal.to = json.at("to");
        journal.drain_until = json.at("drain_until");
        journal.drain_for = json.value("drain_for", std::int64_t{0});
        journal.left = json.value("left", false);
        const auto step = step_from(json.at("step"));
        if (!step || journal.from < 0 || journal.from > 1 || journal.to != 1 - journal.from) {
            throw SystemError("not a journal");
        }
        journal.step = *step;
        return journal;
    } catch (const nlohmann::json::exception&) {
        throw SystemError("not a journal");
    }
}

}  // namespace twinctl
