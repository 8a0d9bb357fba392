// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/pair_status.hpp"

using namespace twinctl;

TEST_CASE("a path that is no UTF-8 does not keep the status from being shown", "[status]") {
    PairStatus status;
    status.name = "web";
    status.state = "started";
    status.publics = "unix:/run/\xff.sock";
    const auto json = nlohmann::json::parse(status_json({status}));
    CHECK(json.at("pairs").at(0).at("public") == "unix:/run/\xef\xbf\xbd.sock");
}
