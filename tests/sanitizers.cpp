// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// In every program of a build with TWINCTL_SANITIZE. OpenRC keeps the environment from what it
// starts, and nobody reads what a supervisor says: the findings go to files, which the system
// tests look for when they end.
extern "C" {

const char* __asan_default_options();
const char* __ubsan_default_options();

const char* __asan_default_options() {
    return "log_path=/var/log/sanitizer:detect_stack_use_after_return=1";
}

const char* __ubsan_default_options() {
    return "log_path=/var/log/sanitizer:print_stacktrace=1";
}
}
