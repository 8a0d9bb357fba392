// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>

#include "core/layout.hpp"
#include "core/record.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

/// What this process inherited, and the service will: limits (getrlimit(2)), nice value, I/O priority (ioprio_get(2)),
/// oom_score_adj and CPUs. One line, for the record of the twin.
std::string own_surroundings();

/// What the caller of a swap has (a cron job, a login) is not the service's. The sibling that serves hands on what it was
/// started with; a twin that its supervisor brings back has what it had BEFORE. Returns what could not be taken.
std::string settle(const Options& options, const Layout& layout, const std::optional<Record>& before);

}  // namespace twinctl
