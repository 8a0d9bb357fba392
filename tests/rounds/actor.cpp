// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actor.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "scan.hpp"

namespace twinctl {

namespace {

constexpr std::chrono::milliseconds between_looks{2};

[[noreturn]] void become(const std::string& command, const std::string& file) {
    setsid();
    const int in = open("/dev/null", O_RDONLY);
    const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    close(in);
    close(out);
    // One command is to be the process that is killed, not the shell before it.
    const bool one = command.find_first_of(";&|") == std::string::npos;
    const auto text = (one ? "exec " : "") + command;
    execl("/bin/sh", "sh", "-c", text.c_str(), nullptr);
    _exit(127);
}

}  // namespace

Actor::Actor(const std::string& command) {
    static unsigned count = 0;
    file_ = "/tmp/actor." + std::to_string(getpid()) + "." + std::to_string(++count);
    pid_ = fork();
    if (pid_ < 0) {
        throw SystemError::from_errno("cannot fork");
    }
    if (pid_ == 0) {
        become(command, file_);
    }
}

Actor::Actor(Actor&& other) noexcept
    : file_(std::move(other.file_)), pid_(std::exchange(other.pid_, 0)), ended_(other.ended_),
      status_(other.status_) {}

Actor::~Actor() {
    if (pid_ == 0) {
        return;
    }
    if (!has_ended()) {
        kill(true);
        int status = 0;
        waitpid(pid_, &status, 0);
    }
    unlink(file_.c_str());
}

bool Actor::has_ended() {
    int status = 0;
    if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_) {
        ended_ = true;
        status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return ended_;
}

bool Actor::wait_until(Clock::time_point deadline) {
    while (!has_ended()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(between_looks);
    }
    return true;
}

void Actor::kill(bool tree) {
    if (has_ended()) {
        return;
    }
    if (tree) {
        for (const auto& process : tree_of(scan_processes(), pid_)) {
            if (process.pid != pid_ && !is_service(process)) {
                ::kill(process.pid, SIGKILL);
            }
        }
    }
    ::kill(pid_, SIGKILL);
}

void Actor::signal(int number) const {
    ::kill(pid_, number);
}

std::string Actor::output() const {
    return read_file_if_any(file_).value_or("");
}

Done run_shell(const std::string& command, std::chrono::seconds timeout) {
    Actor actor(command);
    if (!actor.wait_until(Clock::now() + timeout)) {
        return {124, actor.output()};
    }
    return {actor.status(), actor.output()};
}

}  // namespace twinctl
