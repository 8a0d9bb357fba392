// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>

namespace twinctl {

/// Whether PATH is a regular file that may be executed.
bool is_program(const std::string& path);

/// NAME itself if it has a slash, else the first program of that name on PATH; nothing if there
/// is none. The system's own directories are searched last, whatever PATH says; those on PATH that
/// are not absolute, never.
std::optional<std::string> find_program(const std::string& name);

}  // namespace twinctl
