// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/socket_keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/process.hpp"

namespace twinctl {

namespace {

/// Where the kernel has no inotify left.
constexpr useconds_t look_us = 500;

/// Removes PATH if it is a socket, and nothing else.
void remove_socket(const std::string& path) {
    struct stat info {};
    if (lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) {
        unlink(path.c_str());
    }
}

/// Nothing of ours is to be held by the process, a lock least of all.
void close_all_but(int one, int other) {
    std::vector<int> fds;
    each_number_in("/proc/self/fd", [&](long fd) {
        fds.push_back(static_cast<int>(fd));
        return true;
    });
    for (const int fd : fds) {
        if (fd != one && fd != other) {
            close(fd);
        }
    }
}

}  // namespace

SocketKeeper::SocketKeeper(std::string path) : path_(std::move(path)), second_(path_ + ".kept") {
    remove_socket(second_);
    if (link(path_.c_str(), second_.c_str()) != 0) {
        return;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        throw SystemError::from_errno("pipe");
    }
    told_ = Fd(ends[0]);
    const Fd tell(ends[1]);
    child_ = fork();
    if (child_ < 0) {
        throw SystemError::from_errno("cannot fork");
    }
    if (child_ == 0) {
        keep(tell.get());
    }
}

SocketKeeper::~SocketKeeper() {
    if (child_ > 0) {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    remove_socket(second_);
}

bool SocketKeeper::put_back() const {
    return !is_there(path_) && link(second_.c_str(), path_.c_str()) == 0;
}

bool SocketKeeper::mend() {
    bool mended = put_back();
    char bytes[64];
    while (told_ && read(told_.get(), bytes, sizeof bytes) > 0) {
        mended = true;
    }
    return mended;
}

void SocketKeeper::keep(int tell) const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // What is sent to our group is meant for the one that has begun this.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    const Fd watch(inotify_init1(IN_CLOEXEC));
    const auto directory = path_.substr(0, path_.rfind('/') + 1);
    const bool watches = watch && inotify_add_watch(watch.get(), directory.c_str(), IN_DELETE | IN_MOVED_FROM) >= 0;
    close_all_but(tell, watch.get());
    for (;;) {
        if (put_back()) {
            (void)!write(tell, "", 1);
        }
        char events[4096];
        if (!watches || read(watch.get(), events, sizeof events) <= 0) {
            usleep(look_us);
        }
    }
}

}  // namespace twinctl
