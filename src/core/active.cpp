// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/active.hpp"

#include <string>

#include "core/files.hpp"
#include "core/trust.hpp"

namespace twinctl {

std::optional<int> read_active(const Layout& layout, const std::string& pair) {
    const auto text = read_own_file_if_any(layout.active(pair)).value_or("");
    if (text == "0\n" || text == "1\n") {
        return text.front() - '0';
    }
    return {};
}

void write_active(const Layout& layout, const std::string& pair, int parity) {
    if (read_active(layout, pair) == parity) {
        return;
    }
    write_file(layout.active(pair), std::to_string(parity) + "\n", 0644, Durability::Boot);
}

}  // namespace twinctl
