// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/background.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <vector>

#include "core/error.hpp"
#include "core/process.hpp"

namespace twinctl {

namespace {

/// A listening socket for the service, above all: it would stay open when the service has closed it.
void close_the_rest() {
    std::vector<int> fds;
    each_number_in("/proc/self/fd", [&](long fd) {
        fds.push_back(static_cast<int>(fd));
        return true;
    });
    for (const int fd : fds) {
        if (fd > STDERR_FILENO) {
            close(fd);
        }
    }
}

}  // namespace

void in_background(const std::function<void()>& work) {
    const pid_t child = fork();
    if (child < 0) {
        throw SystemError::from_errno("cannot fork");
    }
    if (child > 0) {
        waitpid(child, nullptr, 0);
        return;
    }
    if (fork() != 0) {
        _exit(0);
    }
    setsid();
    close_the_rest();
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "twin-exec: %s\n", error.what());
    }
    _exit(0);
}

}  // namespace twinctl
