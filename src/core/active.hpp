// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>

#include "core/layout.hpp"

namespace twinctl {

/// The parity of the twin that new connections reach, kept in /var/lib/twin/NAME/active across
/// reboots; nothing if the pair has never been started.
std::optional<int> read_active(const Layout& layout, const std::string& pair);

/// Durable when it returns. Writes nothing when PARITY is active already. Throws SystemError.
void write_active(const Layout& layout, const std::string& pair, int parity);

}  // namespace twinctl
