// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "syscalls.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/syscall.h>  // IWYU pragma: keep (the numbers that glibc has no name for)
#include <unistd.h>

#include <cstdarg>

namespace twinctl {

std::vector<std::string> synced;
std::function<int()> taken_instead;

}  // namespace twinctl

#ifndef __THROW
#define __THROW
#endif

extern "C" {

long syscall(long number, ...) __THROW {
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (auto& argument : arguments) {
        argument = va_arg(list, long);
    }
    va_end(list);
    if (number == __NR_pidfd_getfd && twinctl::taken_instead) {
        return twinctl::taken_instead();
    }
    static const auto original = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
    return original(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

int fsync(int fd) {
    struct stat info {};
    fstat(fd, &info);
    twinctl::synced.push_back(S_ISDIR(info.st_mode) ? "directory" : "file");
    return static_cast<int>(syscall(SYS_fsync, fd));
}

int syncfs(int fd) __THROW {
    twinctl::synced.push_back("file system");
    return static_cast<int>(syscall(SYS_syncfs, fd));
}

}
