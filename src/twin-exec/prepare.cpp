// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cstdio>

#include "core/files.hpp"
#include "core/openrc.hpp"
#include "core/pair_lock.hpp"
#include "core/record.hpp"
#include "core/trust.hpp"
#include "twin-exec/command.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/hand_over.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/user.hpp"

namespace twinctl {

int prepare(const Options& options, const Layout& layout) {
    const auto& twin = options.twin;
    for (const auto& path : {layout.conf(twin.pair), layout.conf(twin.str()), layout.initscript(twin.str())}) {
        require_trusted_config(path);
    }
    const auto endpoint = endpoint_of(options, layout);
    resolve_command(options, names_of_handed(options, endpoint));
    if (!options.user.empty()) {
        find_identity(options.user);
    }
    if (const auto record = read_record(layout, twin); record && is_alive(record->process)) {
        std::fprintf(stderr, "twin-exec: %s is already running as pid %d\n", twin.str().c_str(),
                     static_cast<int>(record->process.pid));
        return exit_code::already_running;
    }
    // Believed only while the swap that wrote it lives: the next one clears up after a dead one.
    const bool retiring =
        exists(layout.retiring(twin)) && is_pair_lock_held_by_twinctl(layout, twin.pair);
    if (is_retired(layout.svcdir, twin.str()) || retiring) {
        throw Refusal{exit_code::retired,
                      twin.str() + " was retired by a swap, and a plain start would bring its old "
                                   "version back; `rc-service " +
                          twin.str() + " zap start` starts it all the same"};
    }
    wait_for_others(options);
    check_ports_free(options);
    check_publics_free(options, endpoint, layout);
    make_directories(layout.run(twin.pair));
    make_directories(layout.logs());
    remove_file(layout.draining(twin));
    // supervise-daemon writes its own some time after it has said that it is started: until then
    // whoever looks for the new process must not find the last one, and call it dead.
    remove_file(layout.pidfile(twin));
    std::printf("%s %s\n", config_sum(layout, twin).c_str(), to_string(endpoint));
    return 0;
}

}  // namespace twinctl
