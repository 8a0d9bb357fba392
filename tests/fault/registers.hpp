// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace twinctl {

/// AUDIT_ARCH_* of linux/audit.h: the only one whose calls are known here.
extern const std::uint32_t own_arch;

/// At a call's entry: the kernel is to do nothing.
void skip_call(pid_t pid);

/// At a call's exit: what it returns.
void set_result(pid_t pid, long value);

}  // namespace twinctl
