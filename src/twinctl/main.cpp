// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <iostream>

#include "twinctl/app.hpp"

int main(int argc, char** argv) {
    const char* term = std::getenv("TERM");
    const bool terminal = isatty(STDOUT_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
    return twinctl::run_app({argv + (argc > 0 ? 1 : 0), argv + argc}, std::cout, std::cerr, terminal);
}
