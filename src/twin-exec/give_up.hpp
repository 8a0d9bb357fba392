// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>

#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/record.hpp"

namespace twinctl {

/// supervise-daemon(8) that gives up on a twin marks that stopped and failed, and nothing tells the pair, which OpenRC
/// would take for started ever after. So where our parent has brought the twin back, as BEFORE, the record so far, tells,
/// a process is left behind for as long as the parent counts (respawn_period). If it gives up meanwhile, and no other twin
/// is started, the pair is zapped: it can be started again, by `openrc` too.
void watch_for_give_up(const TwinName& twin, const Layout& layout, const std::optional<Record>& before,
                       const Record& own);

}  // namespace twinctl
