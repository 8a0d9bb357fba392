// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

#include "twinctl/app.hpp"

int main(int argc, char** argv) {
    if (getuid() != geteuid() || getgid() != getegid()) {
        std::cerr << "twinctl: it is not made to run set-user-ID\n";
        return 1;
    }
    // What the caller has open is for none of the programs that we run (Linux 5.11).
#ifdef SYS_close_range
    syscall(SYS_close_range, 3U, ~0U, 1U << 2);  // CLOSE_RANGE_CLOEXEC
#endif
    const char* term = std::getenv("TERM");
    const bool terminal = isatty(STDOUT_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
    return twinctl::run_app({argv + (argc > 0 ? 1 : 0), argv + argc}, std::cout, std::cerr, terminal);
}
