// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/outcome_json.hpp"

#include <nlohmann/json.hpp>

namespace twinctl {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const std::string& pair, const SwapOutcome& outcome) {
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

/// What a service wrote to its log need not be UTF-8, and is not to be obeyed by the terminal of
/// who reads it: only ASCII.
std::string dump(const Json& json) {
    return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string outcome_json(const std::string& pair, const SwapOutcome& outcome) {
    return dump(to_json(pair, outcome));
}

std::string ledger_line(const std::string& pair, const SwapOutcome& outcome, std::int64_t wall_s) {
    Json line = {{"time", wall_s}};
    line.update(to_json(pair, outcome));
    return dump(line);
}

}  // namespace twinctl
