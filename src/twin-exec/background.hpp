// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>

namespace twinctl {

/// A process in a session of its own does WORK. It keeps stderr, reads and writes /dev/null, and has no other
/// descriptor. It is no child of this process, which becomes the service: a service would not know that child. Throws
/// SystemError where fork(2) fails.
void in_background(const std::function<void()>& work);

}  // namespace twinctl
