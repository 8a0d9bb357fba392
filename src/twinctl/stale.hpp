// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/record.hpp"
#include "twinctl/config.hpp"

namespace twinctl {

/// Empty, or what a swap would change about a running twin: its program, as twin_command finds it or as
/// the kernel has it (/proc/PID/exe), its configuration or its initscript is not what it was
/// started with.
std::string why_stale(const Layout& layout, const TwinName& twin, const Config& config, const Record& record);

}  // namespace twinctl
