// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/switch_command.hpp"

namespace twinctl {

std::string variable_part(std::string name) {
    for (auto& c : name) {
        c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

std::vector<std::pair<std::string, std::string>> switch_environment(
    const TwinName& to, const std::vector<Port>& from_ports, const std::vector<Port>& to_ports) {
    std::vector<std::pair<std::string, std::string>> variables{{"TWIN_PAIR", to.pair}};
    for (const auto& [key, twin] : {std::pair{"TWIN_FROM", to.sibling()}, {"TWIN_TO", to}}) {
        const std::string name = key;
        const auto& ports = twin.parity == to.parity ? to_ports : from_ports;
        variables.emplace_back(name, twin.str());
        variables.emplace_back(name + "_PARITY", std::to_string(twin.parity));
        for (const auto& port : ports) {
            const auto number = std::to_string(port.of(twin.parity));
            if (&port == &ports.front()) {
                variables.emplace_back(name + "_PORT", number);
            }
            variables.emplace_back(name + "_PORT_" + variable_part(port.name), number);
        }
    }
    return variables;
}

}  // namespace twinctl
