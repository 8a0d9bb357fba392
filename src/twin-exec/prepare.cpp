// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/layout.hpp"
#include "core/means.hpp"
#include "core/names.hpp"
#include "core/openrc.hpp"
#include "core/pair_lock.hpp"
#include "core/process.hpp"
#include "core/record.hpp"
#include "core/release.hpp"
#include "core/trust.hpp"
#include "core/user.hpp"
#include "twin-exec/command.hpp"
#include "twin-exec/endpoint.hpp"
#include "twin-exec/hand_over.hpp"
#include "twin-exec/modes.hpp"
#include "twin-exec/options.hpp"
#include "twin-exec/surroundings.hpp"

namespace twinctl {

namespace {

/// A process is on record some milliseconds after its start; on a busy machine, more.
constexpr std::int64_t start_takes_ms = 1000;

/// Whoever put PATH there was killed, or what it started never came to be.
bool is_stale(const std::string& path) {
    struct stat info {};
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    const auto ms = [](const timespec& time) { return time.tv_sec * 1000 + time.tv_nsec / 1000000; };
    return stat(path.c_str(), &info) == 0 && std::llabs(ms(now) - ms(info.st_mtim)) > start_takes_ms;
}

/// OpenRC can let two starts of a service through, the second right behind the first: both
/// supervisors say that the service is started before its process exists. The second start waits
/// here until the first one's process is on record.
class OnlyStart {
public:
    explicit OnlyStart(std::string path) : path_(std::move(path)) {
        for (;;) {
            const Fd fd(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
            if (fd) {
                return;
            }
            if (errno != EEXIST) {
                throw SystemError::from_errno("cannot write " + path_);
            }
            if (is_stale(path_)) {
                remove_file(path_);
            } else {
                usleep(10000);
            }
        }
    }
    OnlyStart(const OnlyStart&) = delete;
    OnlyStart& operator=(const OnlyStart&) = delete;
    ~OnlyStart() {
        if (!path_.empty()) {
            remove_file(path_);
        }
    }

    /// Until launch has put the process on record.
    void keep() { path_.clear(); }

private:
    std::string path_;
};

/// OpenRC opens them as root, through whatever link somebody has put in their place.
void require_trusted_logs(const Options& options) {
    for (const auto& log : options.logs) {
        const auto who = log.empty() ? "" : who_could_change(log.substr(0, log.rfind('/') + 1));
        if (!who.empty()) {
            throw Refusal{exit_code::refused, "cannot trust the log " + printable(log) + ": " + who +
                                                  ", and root opens it; without output_log and error_log it is in /var/log/twin"};
        }
    }
}

bool is_running(const TwinName& twin, const Layout& layout) {
    const auto record = read_record(layout, twin);
    if (!record || !is_alive(record->process)) {
        return false;
    }
    std::fprintf(stderr, "twin-exec: %s is already running as pid %d\n", twin.str().c_str(),
                 static_cast<int>(record->process.pid));
    return true;
}

}  // namespace

int prepare(const Options& options, const Layout& layout) {
    const auto& twin = options.twin;
    for (const auto& path : {layout.conf(twin.pair), layout.conf(twin.str()), layout.initscript(twin.str())}) {
        require_trusted_config(path);
    }
    if (!options.releases.empty()) {
        require_trusted_slot(options.releases, twin.parity);
    }
    const auto running = read_record(layout, twin);
    if (!running || !is_alive(running->process)) {
        forget_left_rehearsal(layout, twin);
    }
    const auto endpoint = endpoint_of(options, layout);
    resolve_command(options, names_of_handed(options, endpoint));
    if (!options.user.empty()) {
        find_identity(options.user);
    }
    require_trusted_logs(options);
    if (is_running(twin, layout)) {
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
    const bool sibling_serves = read_serving_record(layout, twin.sibling()).has_value();
    if (const auto why = sibling_serves ? why_elsewhere(layout, twin.pair, twin.sibling().str()) : ""; !why.empty()) {
        throw Refusal{exit_code::refused, why};
    }
    if (const auto lacking = settle(options, layout, {}); !lacking.empty()) {
        throw Refusal{exit_code::refused, twin.str() + " cannot be given what " + twin.sibling().str() + " has: " + lacking +
                                              " is less here, and may not be raised (CAP_SYS_RESOURCE, CAP_SYS_NICE)"};
    }
    wait_for_others(options);
    make_directories(layout.run(twin.pair));
    if (!sibling_serves) {
        write_file(layout.namespaces(twin.pair), own_namespaces(), 0644);
    }
    OnlyStart start(layout.starting(twin));
    if (is_running(twin, layout)) {
        return exit_code::already_running;
    }
    check_ports_free(options);
    check_publics_free(options, endpoint, layout);
    make_directories(layout.logs());
    remove_file(layout.draining(twin));
    // supervise-daemon writes its own some time after it has said that it is started: until then
    // whoever looks for the new process must not find the last one, and call it dead.
    remove_file(layout.pidfile(twin));
    start.keep();
    std::printf("%s %s\n", config_sum(layout, twin).c_str(), to_string(endpoint));
    return 0;
}

}  // namespace twinctl
