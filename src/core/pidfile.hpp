// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "core/layout.hpp"
#include "core/names.hpp"

namespace twinctl {

/// Removes the twin's pidfile where its process has died and the number is somebody else's by now:
/// OpenRC goes by the number alone, would take him for the twin, and kill him in its place.
/// Returns whether that was so.
bool forget_reused_pid(const Layout& layout, const TwinName& twin);

}  // namespace twinctl
