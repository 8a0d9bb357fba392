// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <sys/auxv.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "core/error.hpp"
#include "core/layout.hpp"
#include "core/trust.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"
#include "twinctl_version.hpp"

namespace {

int run(int argc, char** argv) {
    using namespace twinctl;
    const auto options = parse_options(argc, argv);
    Layout layout;
    if (const char* svcdir = std::getenv("RC_SVCDIR"); svcdir != nullptr && svcdir[0] == '/') {
        layout.svcdir = svcdir;
    }
    if (options.mode == Mode::Launch) {
        require_own_run_directories(layout, options.twin.pair);
    } else if (!options.twin.pair.empty()) {
        require_own_directories(layout, options.twin.pair);
    }
    switch (options.mode) {
        case Mode::Launch: return launch(options, layout);
        case Mode::Prepare: return prepare(options, layout);
        case Mode::Guard: return guard(options, layout);
        case Mode::Up: return up(options, layout);
        case Mode::Reap: return reap(options, layout);
        case Mode::Lock: return lock(options, layout);
        case Mode::Help: std::fputs(usage_text, stdout); return 0;
        case Mode::Version: std::puts("twin-exec " TWINCTL_VERSION); return 0;
    }
    return exit_code::usage;
}

int complain(int status, const char* reason) {
    std::fprintf(stderr, "twin-exec: %s\n", reason);
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace twinctl;
    if (getauxval(AT_UID) != getauxval(AT_EUID) || getauxval(AT_GID) != getauxval(AT_EGID)) {
        return complain(exit_code::system_call, "it is not made to run set-user-ID");
    }
    try {
        return run(argc, argv);
    } catch (const InputError& error) {
        return complain(exit_code::usage, error.what());
    } catch (const Refusal& refusal) {
        return complain(refusal.status, refusal.reason.c_str());
    } catch (const std::exception& error) {
        return complain(exit_code::system_call, error.what());
    }
}
