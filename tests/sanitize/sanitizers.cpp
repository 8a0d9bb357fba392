// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// In every program of a build with TWINCTL_SANITIZE. OpenRC keeps the environment from what it
// starts, and nobody reads what a supervisor says: the findings go to files, which the system
// tests look for when they end.
#include <cstdio>
#include <cstring>

extern "C" {

int __lsan_is_turned_off();
const char* __asan_default_options();
const char* __ubsan_default_options();

const char* __asan_default_options() {
    return "log_path=/var/log/sanitizer:detect_stack_use_after_return=1";
}

const char* __ubsan_default_options() {
    return "log_path=/var/log/sanitizer:print_stacktrace=1";
}

/// Leaks are looked for by ptrace(2), which cannot be done to what is traced already: tests/fault.
int __lsan_is_turned_off() {
    std::FILE* status = std::fopen("/proc/self/status", "re");
    int tracer = 0;
    for (char line[256]; status != nullptr && std::fgets(line, sizeof line, status) != nullptr;) {
        if (std::sscanf(line, "TracerPid: %d", &tracer) == 1) {
            break;
        }
    }
    if (status != nullptr) {
        std::fclose(status);
    }
    return tracer != 0 ? 1 : 0;
}
}
