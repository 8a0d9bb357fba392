// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/system_world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "core/active.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/openrc.hpp"
#include "core/process.hpp"
#include "core/trust.hpp"
#include "twinctl/config.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/process_runner.hpp"
#include "twinctl/release_store.hpp"

namespace twinctl {

namespace {

// rc-service itself gives up on what it waits for after 60 s, and a stop takes as long as
// twin_stop_retry says; this is for one that never comes back.
constexpr int rc_service_timeout_ms = 10 * 60 * 1000;

/// Of the versions that a pair has had.
constexpr std::size_t rehearsals_kept = 8;

volatile sig_atomic_t received_signal = 0;

std::int64_t read_clock(clockid_t id, std::int64_t per_second) {
    timespec time{};
    clock_gettime(id, &time);
    return time.tv_sec * per_second + time.tv_nsec / (1'000'000'000 / per_second);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// True of an openrc-run that waits for its script, in poll(2) without a deadline, and has no child any more.
bool waits_for_nobody(pid_t pid) {
    const auto directory = "/proc/" + std::to_string(pid);
    return link_target(directory + "/exe").value_or("").ends_with("/openrc-run") &&
           read_file_if_any(directory + "/wchan").value_or("").starts_with("poll_schedule_timeout") &&
           process_tree(pid).size() == 1;
}

/// Ends an openrc-run that has missed the end of its script, and would wait for it for ever: its handler of
/// SIGCHLD knows the script by the pid that fork(2) has not yet returned where the script was faster
/// (src/openrc-run/openrc-run.c of OpenRC 0.45, handle_signal). It answers SIGTERM by failing.
class DeafWatch {
public:
    void look(pid_t rc_service) {
        std::vector<pid_t> deaf;
        for (const pid_t pid : process_tree(rc_service)) {
            if (waits_for_nobody(pid)) {
                deaf.push_back(pid);
                if (std::find(deaf_before_.begin(), deaf_before_.end(), pid) != deaf_before_.end()) {
                    kill(pid, SIGTERM);
                }
            }
        }
        deaf_before_ = std::move(deaf);
    }

private:
    std::vector<pid_t> deaf_before_;  ///< as of the second before
};

}  // namespace

bool ProcessRcService::run(const std::string& service, const std::vector<std::string>& words,
                           std::string& output, int timeout_ms) {
    RunRequest request{{"rc-service", service}, plain_environment(),
                       timeout_ms > 0 ? timeout_ms : rc_service_timeout_ms};
    request.gently = true;
    DeafWatch deaf_watch;
    request.every_second = [&deaf_watch](pid_t pid) { deaf_watch.look(pid); };
    request.argv.insert(request.argv.end(), words.begin(), words.end());
    if (words.back() == "stop") {
        unmark_failed(svcdir_, service);
    }
    const auto result = run_program(request);
    output = result.output;
    if (echo_ != nullptr) {
        *echo_ << "+ rc-service " << service;
        for (const auto& word : words) {
            *echo_ << ' ' << word;
        }
        *echo_ << '\n' << output << std::flush;
    }
    while (!output.empty() && output.back() == '\n') {
        output.pop_back();
    }
    return !result.timed_out && result.status == 0;
}

/// rc-service becomes the script, which openrc-run interprets: SERVICE stands among the arguments as it is, or as the last
/// part of the script's path.
bool ProcessRcService::is_running(const std::string& service) {
    bool found = false;
    each_number_in("/proc", [&](long number) {
        const auto line = read_file_if_any("/proc/" + std::to_string(number) + "/cmdline").value_or("");
        const auto program = line.substr(0, line.find('\0'));
        const auto name = program.substr(program.rfind('/') + 1);
        if (name == "rc-service" || name == "openrc-run" || name == service) {
            for (std::size_t at = 0; at < line.size() && !found; at = line.find('\0', at) + 1) {
                const std::string argument = line.c_str() + at;
                found = argument == service || argument.ends_with("/init.d/" + service);
            }
        }
        return !found;
    });
    return found;
}

std::optional<Journal> FileNotebook::read_journal(const std::string& pair) {
    const auto path = layout_.journal(pair);
    const auto text = read_own_file_if_any(path);
    if (!text) {
        return {};
    }
    try {
        auto journal = parse_journal(*text);
        if (journal.pair != pair) {
            throw SystemError("a journal of another pair");
        }
        return journal;
    } catch (const SystemError& error) {
        throw SystemError("cannot use " + path + ": " + error.what());
    }
}

void FileNotebook::write_journal(const Journal& journal) {
    write_file(layout_.journal(journal.pair), journal_json(journal), 0644);
}

void FileNotebook::clear_journal(const std::string& pair) {
    remove_file(layout_.journal(pair));
}

std::optional<int> FileNotebook::active(const std::string& pair) {
    return read_active(layout_, pair);
}

void FileNotebook::set_active(const std::string& pair, int parity) {
    write_active(layout_, pair, parity);
}

void FileNotebook::announce_retirement(const TwinName& twin) {
    write_file(layout_.retiring(twin), "", 0644);
}

void FileNotebook::retire(const TwinName& twin) {
    mark_retired(layout_.svcdir, twin.str());
    remove_file(layout_.retiring(twin));
}

void FileNotebook::forget_retirement(const TwinName& twin) {
    unmark_retired(layout_.svcdir, twin.str());
    remove_file(layout_.retiring(twin));
}

void FileNotebook::forget_start(const TwinName& twin) {
    remove_file(layout_.starting(twin));
}

bool FileNotebook::is_going_down(const std::string& pair) {
    return exists(layout_.down(pair));
}

std::string FileNotebook::release_of(const Config& config, int parity) {
    return ReleaseStore(config.releases.directory).slot(parity).value_or("");
}

void FileNotebook::point_slot(const Config& config, int parity, const std::string& release) {
    ReleaseStore(config.releases.directory).point(parity, release);
}

void FileNotebook::set_release_before(const std::string& pair, const std::string& release) {
    write_file(layout_.release_before(pair), release + "\n", 0644, Durability::Boot);
}

bool FileNotebook::finishes_on_hup(const std::string& pair, const std::string& fingerprint) {
    const auto lines = lines_of(read_own_file_if_any(layout_.rehearsed(pair)).value_or(""));
    return std::find(lines.begin(), lines.end(), fingerprint) != lines.end();
}

void FileNotebook::note_rehearsed(const std::string& pair, const std::string& fingerprint, bool finishes) {
    auto lines = lines_of(read_own_file_if_any(layout_.rehearsed(pair)).value_or(""));
    std::erase(lines, fingerprint);
    if (finishes) {
        lines.push_back(fingerprint);
    }
    std::string text;
    for (std::size_t i = lines.size() - std::min(lines.size(), rehearsals_kept); i < lines.size(); ++i) {
        text += lines[i] + "\n";
    }
    write_file(layout_.rehearsed(pair), text, 0644, Durability::Boot);
}

void FileNotebook::add_to_ledger(const std::string& pair, const std::string& json_line) {
    make_directories(layout_.logs());
    const auto path = layout_.ledger(pair);
    const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640));
    if (!fd || write(fd.get(), json_line.data(), json_line.size()) !=
                   static_cast<ssize_t>(json_line.size())) {
        throw SystemError::from_errno("cannot write " + path);
    }
}

void SystemClock::watch_signals() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { received_signal = signal; };
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        sigaction(signal, nullptr, &before);
        // nohup(1) and the like are to be heeded.
        if (before.sa_handler != SIG_IGN) {
            sigaction(signal, &action, nullptr);
        }
    }
    // Whoever reads our output may leave. A handler, not SIG_IGN, which a service would inherit.
    action.sa_handler = [](int) {};
    sigaction(SIGPIPE, &action, nullptr);
}

std::int64_t SystemClock::now_ms() {
    return read_clock(CLOCK_MONOTONIC, 1000);
}

std::int64_t SystemClock::boot_s() {
    return read_clock(CLOCK_BOOTTIME, 1);
}

std::int64_t SystemClock::wall_s() {
    return read_clock(CLOCK_REALTIME, 1);
}

void SystemClock::pause(int ms, const std::optional<ProcessId>& process) {
    const Fd fd(process ? static_cast<int>(syscall(SYS_pidfd_open, process->pid, 0)) : -1);
    pollfd poll_for{fd.get(), POLLIN, 0};
    // One that has ended already is no reason to spin.
    const nfds_t count = fd && is_alive(*process) ? 1 : 0;
    poll(&poll_for, count, ms);
}

int SystemClock::interrupted() {
    return received_signal;
}

}  // namespace twinctl
