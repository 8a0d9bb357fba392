// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/names.hpp"
#include "core/ports.hpp"

namespace twinctl {

/// What twin_switch is told in its environment, besides TWIN_PAIR: TWIN_FROM and TWIN_TO, the
/// twins; TWIN_FROM_PORT and TWIN_TO_PORT, the first port of each, and TWIN_FROM_PORT_NAME and
/// TWIN_TO_PORT_NAME for every port; TWIN_FROM_PARITY and TWIN_TO_PARITY.
/// Each twin with the ports it was started with.
std::vector<std::pair<std::string, std::string>> switch_environment(
    const TwinName& to, const std::vector<Port>& from_ports, const std::vector<Port>& to_ports);

/// NAME as part of a variable's name: "http-alt" is HTTP_ALT.
std::string variable_part(std::string name);

}  // namespace twinctl
