// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstdio>
#include <exception>

#include "options.hpp"
#include "tracer.hpp"

int main(int argc, char** argv) {
    using namespace twinctl;
    try {
        const auto options = parse_options(argc, argv);
        if (options.help) {
            std::fputs(usage_text, stdout);
            return 0;
        }
        return Tracer(options).run();
    } catch (const UsageError& error) {
        std::fprintf(stderr, "fault: %s\n", error.what());
        return 120;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fault: %s\n", error.what());
        return 121;
    }
}
