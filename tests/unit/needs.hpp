// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "catch.hpp"

/// Leaves the case where WHY, a reason, is not empty, and puts the reason into the report.
/// Catch2 before version 3 has no SKIP(); tests/platforms/check reads these warnings.
#define SKIP_WHERE(WHY)                                                \
    if (const std::string skip_reason = (WHY); !skip_reason.empty()) { \
        WARN("skipped: " << skip_reason);                              \
        return;                                                        \
    }

/// Why sock_diag(7) does not answer about TCP sockets; empty if it does. It is asked without
/// twinctl's own code, whose faults are no reason to skip its tests.
std::string why_no_sock_diag();

/// Why openat2(2) (Linux 5.6) is missing; empty if it is there.
std::string why_no_openat2();

/// Why /proc/net is not that of a kernel with this program's byte order, as when an emulator runs a
/// big-endian program; empty if it is.
std::string why_no_proc_net();

/// Why this process cannot give a file to any user, as root can; empty if it can.
std::string why_no_root();

/// Why TCP does not reach 127.0.0.1, as in a network namespace whose loopback interface is down; empty
/// if it does.
std::string why_no_loopback();
