// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/process_runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <optional>

#if __has_include(<boost/process/v1/child.hpp>)
#include <boost/process/v1/args.hpp>
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/exe.hpp>
#include <boost/process/v1/extend.hpp>
#include <boost/process/v1/group.hpp>
#include <boost/process/v1/io.hpp>
namespace process = boost::process::v1;
#else
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/group.hpp>
#include <boost/process/io.hpp>
namespace process = boost::process;
#endif

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/program.hpp"

namespace twinctl {

namespace {

constexpr int grace_ms = 5000;
constexpr int second_ms = 1000;
constexpr rlim_t confined_bytes = rlim_t{1} << 20;

std::int64_t monotonic_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// True when the process has ended before the deadline. A pidfd says so at once, where
/// Boost's wait_for polls or takes SIGCHLD for itself.
bool wait_for_exit(pid_t pid, int timeout_ms, const std::function<void(pid_t)>& every_second = {}) {
    const Fd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!fd) {
        throw SystemError::from_errno("pidfd_open " + std::to_string(pid));
    }
    const auto deadline_ms = monotonic_ms() + timeout_ms;
    pollfd poll_for{fd.get(), POLLIN, 0};
    for (;;) {
        auto wait_ms = timeout_ms > 0 ? std::max<std::int64_t>(0, deadline_ms - monotonic_ms()) : -1;
        const bool in_turns = every_second && (wait_ms < 0 || wait_ms > second_ms);
        if (in_turns) {
            wait_ms = second_ms;
        }
        const int ready = poll(&poll_for, 1, static_cast<int>(wait_ms));
        if (ready == 1 || (ready == 0 && !in_turns)) {
            return ready == 1;
        }
        if (ready == 0) {
            every_second(pid);
        } else if (errno != EINTR) {
            throw SystemError::from_errno("poll");
        }
    }
}

/// A file in memory that a child writes and we read afterwards.
class Capture {
public:
    Capture() : memory_(memfd_create("output", MFD_CLOEXEC)) {
        if (!memory_) {
            throw SystemError::from_errno("memfd_create");
        }
        // Boost.Process takes a FILE; both ends append, so that two writers do not overwrite.
        file_ = fdopen(fcntl(memory_.get(), F_DUPFD_CLOEXEC, 0), "a");
        if (file_ == nullptr || fcntl(fileno(file_), F_SETFL, O_APPEND) != 0) {
            throw SystemError::from_errno("memfd_create");
        }
    }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    ~Capture() { std::fclose(file_); }

    std::FILE* file() const { return file_; }

    std::string content() const {
        std::string content;
        char buffer[4096];
        for (;;) {
            const auto n =
                pread(memory_.get(), buffer, sizeof buffer, static_cast<off_t>(content.size()));
            if (n <= 0) {
                return content;
            }
            content.append(buffer, static_cast<std::size_t>(n));
        }
    }

private:
    Fd memory_;
    std::FILE* file_ = nullptr;
};

/// While it lives, orphans of our descendants become children of ours, whatever session they have begun.
class Subreaper {
public:
    Subreaper() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
    ~Subreaper() { prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }
    Subreaper(const Subreaper&) = delete;
    Subreaper& operator=(const Subreaper&) = delete;

    /// Ends all descendants, those that are forked meanwhile too. Throws SystemError where they outrun it.
    void end_all() {
        for (int rounds = 0; rounds < most_rounds; ++rounds) {
            const auto tree = process_tree(getpid());
            if (tree.size() == 1) {
                return;
            }
            std::for_each(tree.begin() + 1, tree.end(), [](pid_t pid) { kill(pid, SIGKILL); });
            while (waitpid(-1, nullptr, WNOHANG) > 0) {
            }
            usleep(1000);
        }
        throw SystemError("what it has started cannot be ended");
    }

private:
    static constexpr int most_rounds = 5000;
};

}  // namespace

RunResult run_program(const RunRequest& request) {
    const auto program = find_program(request.argv.front());
    if (!program) {
        throw SystemError("cannot find the program " + request.argv.front());
    }
    const Capture output;
    const Capture errors;
    // Not by process::environment, which reads beyond the end of entries that are shorter than a key.
    std::vector<char*> environment;
    for (const auto& entry : request.environment) {
        environment.push_back(const_cast<char*>(entry.c_str()));
    }
    environment.push_back(nullptr);
    const auto set_environment = [&](auto& executor) { executor.env = environment.data(); };
    const std::vector<std::string> args(request.argv.begin() + 1, request.argv.end());
    // In the child, which must not come back from here.
    const auto settle_in = [&](auto&) {
        try {
            if (request.confined) {
                const rlimit most{confined_bytes, confined_bytes};
                setsid();
                setrlimit(RLIMIT_FSIZE, &most);
            }
            if (request.identity != nullptr) {
                become(*request.identity);
            }
            if (!request.directory.empty() && chdir(request.directory.c_str()) != 0) {
                _exit(exit_unable);
            }
        } catch (const SystemError&) {
            _exit(exit_unable);
        }
    };
    RunResult result;
    std::optional<Subreaper> subreaper;
    if (request.confined) {
        subreaper.emplace();
    }
    try {
        process::group group;
        const auto start = [&](auto&&... more) {
            return process::child(process::exe = *program, process::args = args,
                                  process::extend::on_setup = set_environment,
                                  process::extend::on_exec_setup = settle_in, process::std_in < process::null,
                                  process::std_out > output.file(),
                                  process::std_err > (request.split ? errors : output).file(), more...);
        };
        // A leader of a group cannot begin a session.
        auto child = request.confined ? start() : start(group);
        if (!wait_for_exit(child.id(), request.timeout_ms, request.every_second)) {
            result.timed_out = true;
            if (request.gently) {
                kill(-child.id(), SIGTERM);
            }
            if (!request.gently || !wait_for_exit(child.id(), grace_ms)) {
                kill(-child.id(), SIGKILL);
            }
        }
        child.wait();
        if (subreaper) {
            subreaper->end_all();
        }
        const int native = child.native_exit_code();
        result.status = WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
        if (!request.confined) {
            group.detach();
        }
    } catch (const process::process_error& error) {
        throw SystemError("cannot run " + *program + ": " + error.code().message());
    }
    result.output = output.content();
    result.errors = errors.content();
    return result;
}

std::vector<std::string> plain_environment() {
    std::vector<std::string> environment;
    for (const char* key : {"PATH", "LANG", "TERM"}) {
        if (const char* value = std::getenv(key)) {
            environment.push_back(std::string(key) + "=" + value);
        }
    }
    return environment;
}

}  // namespace twinctl
