// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/layout.hpp"
#include "core/record.hpp"
#include "twin-exec/options.hpp"

namespace twinctl {

/// What a process has from whoever started it, and gives to the service: limits (getrlimit(2)), nice value, I/O priority
/// (ioprio_get(2)), oom_score_adj and CPUs. One line, for the record of the twin.
std::string own_surroundings();

/// Takes over what TEXT says, as own_surroundings() has written it, but for what is named in KEEP (limits, nice, ionice,
/// oom, cpus: words with blanks between). What this process may not have stays as it is, and is returned, for people.
std::string take_surroundings(std::string_view text, std::string_view keep);

/// What the caller of a swap has (a cron job, a login) is not the service's. The sibling that serves hands on what it was
/// started with; a twin that its supervisor brings back has what it had BEFORE. Throws Refusal where the sibling is
/// somewhere else. Returns what could not be taken.
std::string settle(const Options& options, const Layout& layout, const std::optional<Record>& before);

}  // namespace twinctl
