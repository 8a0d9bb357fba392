// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

#include "twinctl/app.hpp"

namespace {

/// 0 where it is no terminal, or one that cannot wipe what it shows. A serial line knows no size.
unsigned columns_of_stdout() {
    constexpr unsigned usual = 80;
    const char* term = std::getenv("TERM");
    if (isatty(STDOUT_FILENO) == 0 || term == nullptr || std::strcmp(term, "dumb") == 0) {
        return 0;
    }
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : usual;
}

}  // namespace

int main(int argc, char** argv) {
    if (getuid() != geteuid() || getgid() != getegid()) {
        std::cerr << "twinctl: it is not made to run set-user-ID\n";
        return 1;
    }
    // What the caller has open is for none of the programs that we run (Linux 5.11).
#ifdef SYS_close_range
    syscall(SYS_close_range, 3U, ~0U, 1U << 2);  // CLOSE_RANGE_CLOEXEC
#endif
    return twinctl::run_app({argv + (argc > 0 ? 1 : 0), argv + argc}, std::cout, std::cerr, columns_of_stdout());
}
