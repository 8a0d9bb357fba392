// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>

namespace twinctl {

/// What a test wants to know about how this process was started: one fact a line, `name: value`,
/// then an empty line, then the environment as NAME=VALUE. Source: /proc/self, see proc(5).
std::string describe_process();

} // namespace twinctl
