// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "options.hpp"

namespace twinctl {

enum class AfterDelay { listen, stop };

/// Acts out the misbehaviours never-ready and slow-ready: returns when it is time to listen, or to
/// exit. A hang-up meanwhile means that this process never listens: it sleeps until it is stopped.
AfterDelay delay_start(const Options& options);

} // namespace twinctl
