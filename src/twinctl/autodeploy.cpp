// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/autodeploy.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <exception>
#include <iterator>
#include <utility>

#include "core/error.hpp"
#include "core/names.hpp"
#include "core/release.hpp"
#include "twinctl/config.hpp"
#include "twinctl/deploy.hpp"
#include "twinctl/json_text.hpp"
#include "twinctl/pair_status.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/upload.hpp"

namespace twinctl {

namespace {

/// Nothing is believed to be said by inotify: everything is looked at once in a while.
constexpr std::int64_t round_ms = 60000;
/// An editor writes a file in several steps.
constexpr std::int64_t edit_ms = 1000;

constexpr std::size_t longest_output = std::size_t{64} << 10;
constexpr std::size_t most_watches = 64;  // of one pair: they are all root's together

constexpr char scripts_owner[] = "/init.d";
constexpr char conf_owner[] = "/conf.d";

std::int64_t now_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Fd memory_file() {
    Fd fd(memfd_create("output", MFD_CLOEXEC));
    if (!fd) {
        throw SystemError::from_errno("memfd_create");
    }
    return fd;
}

std::string content_of(const Fd& fd) {
    lseek(fd.get(), 0, SEEK_SET);
    std::string text;
    char buffer[4096];
    for (ssize_t got; text.size() < longest_output && (got = read(fd.get(), buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

/// Each line of TEXT.
void each_line(const std::string& text, const std::function<void(const std::string&)>& line) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find('\n', begin), text.size());
        if (end > begin) {
            line(text.substr(begin, end - begin));
        }
        begin = end + 1;
    }
}

sigset_t own_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, signal);
    }
    return signals;
}

}  // namespace

Autodeploy::Autodeploy(Layout layout, std::vector<std::string> pairs, std::string program, Log log)
    : layout_(std::move(layout)), only_(std::move(pairs)), program_(std::move(program)), log_(std::move(log)) {}

void Autodeploy::read_pairs() {
    auto names = only_.empty() ? list_pairs(layout_) : only_;
    for (const auto& [name, pair] : pairs_) {
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const auto& name : names) {
        read_pair(name);
    }
}

void Autodeploy::read_pair(const std::string& name) {
    ReleaseSettings settings;
    const bool is_there = exists(layout_.initscript(name + ".0")) && exists(layout_.initscript(name + ".1"));
    try {
        if (is_there) {
            settings = read_config(layout_, name).front().releases;
        }
    } catch (const std::exception& error) {
        // What it was before goes on: a wrong line is no reason to stop anything.
        log_(LOG_WARNING, name + ": " + error.what());
        to_read_[name] = now_ms() + round_ms;
        return;
    }
    const auto known = pairs_.find(name);
    if (settings.directory.empty()) {
        if (known == pairs_.end() && std::find(only_.begin(), only_.end(), name) != only_.end()) {
            log_(LOG_WARNING, name + (is_there ? ": it has no releases: no {release} in twin_command, no twin_releases"
                                               : ": there is no such pair"));
        }
        if (known != pairs_.end()) {
            log_(LOG_NOTICE, name + ": no releases to look for any more");
            watches_.drop(name);
            known->second.gone = true;
            if (!known->second.child) {
                pairs_.erase(known);
            }
        }
        return;
    }
    if (known != pairs_.end() && known->second.child) {
        // Where it is at stays right: it is read again when that has ended.
        to_read_[name] = now_ms() + edit_ms;
        return;
    }
    if (known != pairs_.end() && known->second.settings == settings) {
        known->second.queue.note_change(now_ms());
        return;
    }
    watches_.drop(name);
    pairs_.erase(name);
    auto& pair = pairs_.emplace(name, Pair{settings, DeployQueue(settings), {}, {}, false, {}}).first->second;
    log_(LOG_NOTICE, name + ": looking for releases in " + settings.incoming);
    watch(name, pair);
    pair.queue.note_change(now_ms());
}

void Autodeploy::watch_everything() {
    if (!watches_.open()) {
        if (!is_blind_) {
            log_(LOG_WARNING, std::string("no inotify (") + std::strerror(errno) + "): everything is looked at once a minute");
        }
        is_blind_ = true;
        return;
    }
    if (is_blind_) {
        log_(LOG_NOTICE, "inotify says what changes again");
    }
    is_blind_ = false;
    watches_.add(layout_.initscript(""), scripts_owner);
    watches_.add(layout_.conf(""), conf_owner);
}

void Autodeploy::watch(const std::string& name, const Pair& pair) {
    // Without it, each round looks.
    watches_.add(pair.settings.incoming, name);
}

void Autodeploy::note_change(const std::string& owner, const std::string& name) {
    const auto now = now_ms();
    if (owner.empty()) {
        log_(LOG_WARNING, "more has changed than the kernel could say: looking at everything");
        next_round_ms_ = now;
    } else if (owner == scripts_owner || owner == conf_owner) {
        // NAME, NAME.0, NAME.1 and NAME.RUNLEVEL.
        const auto pair = name.substr(0, name.find('.'));
        if (why_no_name(pair).empty() && (only_.empty() || std::find(only_.begin(), only_.end(), pair) != only_.end())) {
            to_read_[pair] = now + edit_ms;
        }
    } else if (const auto pair = pairs_.find(owner); pair != pairs_.end()) {
        pair->second.queue.note_change(now);
        if (!pair->second.settings.by_rename && why_no_release_id(name).empty() &&
            watches_.count(owner) < most_watches) {
            // Its manifest comes later.
            watches_.add(pair->second.settings.incoming + "/" + name, owner);
        }
    }
}

void Autodeploy::say_once(const std::string& name, Pair& pair, const std::string& trouble) {
    if (pair.trouble != trouble) {
        pair.trouble = trouble;
        if (!trouble.empty()) {
            log_(LOG_WARNING, name + ": " + trouble);
        }
    }
}

void Autodeploy::look(const std::string& name, Pair& pair) {
    const auto& incoming = pair.settings.incoming;
    watch(name, pair);
    try {
        const auto id = pair.queue.choose(
            now_ms(), arrivals(incoming, pair.settings.by_rename), releases_seen(layout_, name),
            [&](const std::string& arrival) { return stamp_of(incoming + "/" + arrival); });
        if (id) {
            spawn(name, pair, *id);
        }
        if (!is_there(incoming)) {
            say_once(name, pair, "there is no " + incoming + " yet");
        }
    } catch (const std::exception& error) {
        // Gone while it was looked at, for one. No trouble of one pair is to end the others' service.
        say_once(name, pair, error.what());
        if (pair.queue.is_deploying() && !pair.child) {
            pair.queue.note_end(now_ms(), DeployQueue::End::Hindered);
        }
        pair.queue.postpone(now_ms());
    }
}

void Autodeploy::spawn(const std::string& name, Pair& pair, const std::string& id) {
    log_(LOG_NOTICE, name + ": deploying release " + id);
    Child child;
    child.output = memory_file();
    child.errors = memory_file();
    child.began_ms = now_ms();
    std::vector<std::string> words = {program_, "-q", "deploy", name, id, "--unless-stopped", "--json"};
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, child.output.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, child.errors.get(), 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    const auto signals = own_signals();
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setsigmask(&attributes, &none);
    // A group of its own: what is sent to ours is not to end a swap in its middle.
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error = posix_spawn(&child.pid, program_.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        pair.queue.note_end(now_ms(), DeployQueue::End::Hindered);
        say_once(name, pair, "cannot run " + program_ + ": " + std::strerror(error));
        return;
    }
    child.pidfd = Fd(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
    pair.release = id;
    pair.child = std::move(child);
}

void Autodeploy::reap(const std::string& name, Pair& pair) {
    int status = 0;
    const auto ended = waitpid(pair.child->pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno != ECHILD)) {
        return;
    }
    if (ended < 0) {
        status = SIGKILL;  // nobody can say how any more
    }
    const auto took = std::to_string(now_ms() - pair.child->began_ms) + " ms";
    each_line(content_of(pair.child->errors), [&](const std::string& line) { log_(LOG_NOTICE, name + ": " + printable(line)); });
    const auto [message, quarantined] = read_outcome(content_of(pair.child->output));
    auto end = DeployQueue::End::Hindered;
    std::string said = "release " + pair.release + ": ";
    if (WIFEXITED(status) && (WEXITSTATUS(status) == exit_code::done || WEXITSTATUS(status) == exit_code::cut)) {
        end = DeployQueue::End::Deployed;
        pair.trouble.clear();
        log_(LOG_NOTICE, name + ": " + said + message + ", after " + took);
    } else if (quarantined) {
        end = DeployQueue::End::Refused;
        each_line(message, [&](const std::string& line) { log_(LOG_WARNING, name + ": " + printable(line)); });
    } else {
        const auto how = WIFSIGNALED(status) ? "it was ended by signal " + std::to_string(WTERMSIG(status))
                                             : "exit " + std::to_string(WEXITSTATUS(status));
        say_once(name, pair, said + (message.empty() ? how : printable(message)) + "; it is tried again later");
    }
    pair.child.reset();
    pair.queue.note_end(now_ms(), end);
}

int Autodeploy::wait_ms() const {
    auto next = next_round_ms_;
    for (const auto& [name, when] : to_read_) {
        next = std::min(next, when);
    }
    for (const auto& [name, pair] : pairs_) {
        if (const auto due = pair.queue.due_ms()) {
            next = std::min(next, *due);
        }
    }
    return static_cast<int>(std::clamp<std::int64_t>(next - now_ms(), 0, round_ms));
}

void Autodeploy::run() {
    const auto signals = own_signals();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    const Fd signal_fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signal_fd) {
        throw SystemError::from_errno("signalfd");
    }
    watch_everything();
    read_pairs();
    bool ending = false;
    for (;;) {
        std::vector<pollfd> polled{{signal_fd.get(), POLLIN, 0}, {watches_.fd(), POLLIN, 0}};
        for (const auto& [name, pair] : pairs_) {
            if (pair.child) {
                polled.push_back({pair.child->pidfd.get(), POLLIN, 0});
            }
        }
        if (ending && polled.size() == 2) {
            return;
        }
        if (poll(polled.data(), polled.size(), ending ? -1 : wait_ms()) < 0 && errno != EINTR) {
            throw SystemError::from_errno("poll");
        }
        for (signalfd_siginfo info; read(signal_fd.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);) {
            if (info.ssi_signo == SIGHUP) {
                read_pairs();
            } else if (!ending) {
                ending = true;
                log_(LOG_NOTICE, "ending, as soon as nothing is being deployed");
            }
        }
        watches_.read([this](const std::string& owner, const std::string& name) { note_change(owner, name); });
        for (auto at = pairs_.begin(); at != pairs_.end();) {
            auto& [name, pair] = *at;
            if (pair.child) {
                reap(name, pair);
            }
            at = pair.gone && !pair.child ? pairs_.erase(at) : std::next(at);
        }
        if (ending) {
            continue;
        }
        const auto now = now_ms();
        const auto to_read = to_read_;
        for (const auto& [name, when] : to_read) {
            if (when <= now) {
                to_read_.erase(name);
                read_pair(name);
            }
        }
        if (now >= next_round_ms_) {
            next_round_ms_ = now + round_ms;
            if (watches_.fd() < 0) {
                watch_everything();
                read_pairs();
            }
            for (auto& [name, pair] : pairs_) {
                pair.queue.note_change(now);
            }
        }
        for (auto& [name, pair] : pairs_) {
            if (const auto due = pair.queue.due_ms(); due && *due <= now && !pair.gone) {
                look(name, pair);
            }
        }
    }
}

}  // namespace twinctl
