// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace twinctl {

/// The string at ADDRESS of another process, at most 4096 bytes of it; "" where nothing can be read.
std::string string_in(pid_t pid, std::uint64_t address);

/// 8 bytes there; 0 where nothing can be read.
std::uint64_t word_in(pid_t pid, std::uint64_t address);

/// Where a link in /proc leads to, or "".
std::string link_of(pid_t pid, const std::string& name);

}  // namespace twinctl
