// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "tracer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "memory.hpp"
#include "registers.hpp"

namespace twinctl {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// Waits until it is traced, and becomes the command.
[[noreturn]] void become(const std::vector<std::string>& command, int wait_on) {
    std::vector<char*> argv;
    for (const auto& word : command) {
        argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    char byte = 0;
    if (read(wait_on, &byte, 1) == 1) {
        execvp(argv.front(), argv.data());
        std::perror(argv.front());
    }
    _exit(127);
}

}  // namespace

Tracer::Tracer(const Options& options) : options_(options), list_(nullptr, std::fclose) {
    if (!options.list.empty()) {
        list_.reset(std::fopen(options.list.c_str(), "we"));
        if (!list_) {
            fail(options.list.c_str());
        }
    }
}

void Tracer::start() {
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) != 0 || (first_ = fork()) < 0) {
        fail("cannot start it");
    }
    if (first_ == 0) {
        close(gate[1]);
        become(options_.command, gate[0]);
    }
    close(gate[0]);
    // Seized, not attached: whoever is left at our end goes on as if nothing had been.
    long flags = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
    if (!options_.only_first) {
        flags |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    }
    if (ptrace(PTRACE_SEIZE, first_, 0, flags) != 0 || ptrace(PTRACE_INTERRUPT, first_, 0, 0) != 0) {
        kill(first_, SIGKILL);
        fail("cannot trace it");
    }
    if (write(gate[1], "", 1) != 1) {
        fail("cannot start it");
    }
    close(gate[1]);
}

int Tracer::run() {
    start();
    for (;;) {
        int status = 0;
        const pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno != EINTR) {
            fail("cannot wait");
        }
        if (pid > 0 && handle(pid, status)) {
            return status_;
        }
    }
}

bool Tracer::handle(pid_t pid, int status) {
    if (WIFSTOPPED(status)) {
        stopped(pid, status);
        return false;
    }
    tracees_.erase(pid);
    if (pid != first_) {
        return false;
    }
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return true;
}

void Tracer::stopped(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) {
        at_call(pid);
    } else if (event == PTRACE_EVENT_EXEC) {
        executed_ = true;
        const auto program = link_of(pid, "exe");
        if (!options_.let_go.empty() && program.substr(program.rfind('/') + 1) == options_.let_go) {
            tracees_.erase(pid);
            ptrace(PTRACE_DETACH, pid, 0, 0);
            return;
        }
        go_on(pid, 0);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
        // Known from here on: it may be killed before its first call.
        unsigned long child = 0;
        ptrace(PTRACE_GETEVENTMSG, pid, 0, &child);
        tracees_[static_cast<pid_t>(child)];
        go_on(pid, 0);
    } else if (event == PTRACE_EVENT_STOP &&
               (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)) {
        // A group stop: it stays stopped until somebody continues it.
        ptrace(PTRACE_LISTEN, pid, 0, 0);
    } else {
        go_on(pid, event == 0 ? signal : 0);
    }
}

void Tracer::at_call(pid_t pid) {
    auto& tracee = tracees_[pid];
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0) {
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            tracee = {true, false};
            if (info.arch == own_arch && executed_) {
                const auto change = change_of(pid, info.entry.nr, info.entry.args);
                if (change && is_meant(pid, *change)) {
                    ++count_;
                    note(pid, *change);
                    entering(pid, tracee);
                }
            }
        } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
            if (tracee.refused) {
                set_result(pid, -options_.error);
            }
            tracee = {};
        }
    }
    go_on(pid, 0);
}

void Tracer::entering(pid_t pid, Tracee& tracee) {
    if (count_ == options_.kill_at) {
        kill_them(pid);
    }
    if (options_.fail_at > 0 &&
        (count_ == options_.fail_at || (options_.fail_on && count_ > options_.fail_at))) {
        skip_call(pid);
        tracee.refused = true;
    }
}

bool Tracer::is_meant(pid_t pid, const Change& change) const {
    const auto is_at_path = [&](const std::string& path) { return path.starts_with(options_.path); };
    const auto& calls = options_.calls;
    return (!options_.only_first || pid == first_) &&
           (calls.empty() || std::find(calls.begin(), calls.end(), change.call) != calls.end()) &&
           (options_.path.empty() ||
            std::any_of(change.paths.begin(), change.paths.end(), is_at_path));
}

void Tracer::note(pid_t pid, const Change& change) {
    if (!list_) {
        return;
    }
    const auto program = link_of(pid, "exe");
    std::fprintf(list_.get(), "%lu %d %s %s", count_, pid, program.substr(program.rfind('/') + 1).c_str(),
                 change.call.c_str());
    for (const auto& path : change.paths) {
        std::fprintf(list_.get(), " %s", path.c_str());
    }
    std::fputc('\n', list_.get());
}

// SIGKILL reaches it before the call is made: a tracee at a call's entry looks for it first.
void Tracer::kill_them(pid_t pid) {
    switch (options_.who) {
        case Who::Self: kill(pid, SIGKILL); break;
        case Who::First: kill(first_, SIGKILL); break;
        case Who::All:
            for (const auto& [other, tracee] : tracees_) {
                kill(other, SIGKILL);
            }
            kill(first_, SIGKILL);
            break;
    }
}

void Tracer::go_on(pid_t pid, int signal) {
    // ESRCH: it was killed meanwhile, and the next wait says so.
    ptrace(PTRACE_SYSCALL, pid, 0, static_cast<long>(signal));
}

}  // namespace twinctl
