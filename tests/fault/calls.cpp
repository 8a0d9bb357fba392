// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// Which system calls change the world. What only reads, waits or moves memory is left out: a
// process that is killed before it leaves the same behind as after it.
#include "calls.hpp"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/syscall.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "memory.hpp"

namespace twinctl {

namespace {

/// Where the paths stand among the arguments. At: behind the descriptor of a directory.
enum class Names { Nothing, First, Second, FirstAndSecond, AtFirst, AtSecond, AtBoth, Descriptor };

/// What makes it a change.
enum class If { Always, OpenFlags, OpenAtFlags, OpenHow, File, Signal, Bpf, CloneFlags, CloneArgs };

struct Rule {
    long number;
    const char* call;
    Names names = Names::Nothing;
    If when = If::Always;
};

constexpr Rule rules[] = {
#ifdef SYS_open  // aarch64 has but the calls that take a directory
    {SYS_open, "open", Names::First, If::OpenFlags},
    {SYS_creat, "creat", Names::First},
    {SYS_rename, "rename", Names::FirstAndSecond},
    {SYS_unlink, "unlink", Names::First},
    {SYS_rmdir, "rmdir", Names::First},
    {SYS_link, "link", Names::FirstAndSecond},
    {SYS_symlink, "symlink", Names::Second},
    {SYS_mkdir, "mkdir", Names::First},
    {SYS_mknod, "mknod", Names::First},
    {SYS_chmod, "chmod", Names::First},
    {SYS_chown, "chown", Names::First},
    {SYS_lchown, "lchown", Names::First},
    {SYS_fork, "fork"},
    {SYS_vfork, "vfork"},
#endif
#ifdef SYS_renameat
    {SYS_renameat, "renameat", Names::AtBoth},
#endif
    {SYS_openat, "openat", Names::AtFirst, If::OpenAtFlags},
    {__NR_openat2, "openat2", Names::AtFirst, If::OpenHow},
    {SYS_renameat2, "renameat2", Names::AtBoth},
    {SYS_unlinkat, "unlinkat", Names::AtFirst},
    {SYS_linkat, "linkat", Names::AtBoth},
    {SYS_symlinkat, "symlinkat", Names::AtSecond},
    {SYS_mkdirat, "mkdirat", Names::AtFirst},
    {SYS_mknodat, "mknodat", Names::AtFirst},
    {SYS_fchmodat, "fchmodat", Names::AtFirst},
    {SYS_fchownat, "fchownat", Names::AtFirst},
    {SYS_utimensat, "utimensat", Names::AtFirst},
    {SYS_truncate, "truncate", Names::First},
    {SYS_fchmod, "fchmod", Names::Descriptor, If::File},
    {SYS_fchown, "fchown", Names::Descriptor, If::File},
    {SYS_ftruncate, "ftruncate", Names::Descriptor, If::File},
    {SYS_fallocate, "fallocate", Names::Descriptor, If::File},
    {SYS_fsync, "fsync", Names::Descriptor, If::File},
    {SYS_fdatasync, "fdatasync", Names::Descriptor, If::File},
    {SYS_write, "write", Names::Descriptor, If::File},
    {SYS_writev, "writev", Names::Descriptor, If::File},
    {SYS_pwrite64, "pwrite64", Names::Descriptor, If::File},
    {SYS_pwritev, "pwritev", Names::Descriptor, If::File},
    {SYS_flock, "flock", Names::Descriptor, If::File},
    {SYS_kill, "kill", Names::Nothing, If::Signal},
    {SYS_tkill, "tkill", Names::Nothing, If::Signal},
    {SYS_tgkill, "tgkill", Names::Nothing, If::Signal},
    {SYS_pidfd_send_signal, "pidfd_send_signal", Names::Nothing, If::Signal},
    {__NR_pidfd_getfd, "pidfd_getfd"},
    {SYS_bpf, "bpf", Names::Nothing, If::Bpf},
    {SYS_bind, "bind"},
    {SYS_listen, "listen"},
    {SYS_connect, "connect"},
    {SYS_shutdown, "shutdown"},
    {SYS_clone, "clone", Names::Nothing, If::CloneFlags},
    {SYS_clone3, "clone3", Names::Nothing, If::CloneArgs},
    {SYS_execve, "execve", Names::First},
    {SYS_execveat, "execveat", Names::AtFirst},
    {SYS_mount, "mount", Names::Second},
    {SYS_umount2, "umount2", Names::First},
    {SYS_setns, "setns"},
    {SYS_unshare, "unshare"},
};

const Rule* rule_for(std::uint64_t number) {
    const auto* found = std::find_if(std::begin(rules), std::end(rules), [&](const Rule& rule) {
        return static_cast<std::uint64_t>(rule.number) == number;
    });
    return found == std::end(rules) ? nullptr : found;
}

std::string descriptor(pid_t pid, std::uint64_t fd) {
    return link_of(pid, "fd/" + std::to_string(static_cast<int>(fd)));
}

std::string path_at(pid_t pid, int directory, std::uint64_t address) {
    const auto path = string_in(pid, address);
    if (path.starts_with("/")) {
        return path;
    }
    const auto base = directory == AT_FDCWD ? link_of(pid, "cwd")
                                            : descriptor(pid, static_cast<std::uint64_t>(directory));
    return path.empty() ? base : base + "/" + path;
}

std::vector<std::string> paths_of(pid_t pid, Names names, const std::uint64_t (&args)[6]) {
    const auto here = [&](int at) { return path_at(pid, AT_FDCWD, args[at]); };
    const auto at = [&](int place) { return path_at(pid, static_cast<int>(args[place]), args[place + 1]); };
    switch (names) {
        case Names::Nothing: return {};
        case Names::First: return {here(0)};
        case Names::Second: return {here(1)};
        case Names::FirstAndSecond: return {here(0), here(1)};
        case Names::AtFirst: return {at(0)};
        case Names::AtSecond: return {at(1)};
        case Names::AtBoth: return {at(0), at(2)};
        case Names::Descriptor: return {descriptor(pid, args[0])};
    }
    return {};
}

/// Not a device, and not the /proc of anybody.
bool is_of_the_world(const std::string& path) {
    return path.starts_with("/") && !path.starts_with("/dev/") && !path.starts_with("/proc/") &&
           !path.starts_with("/memfd:");
}

bool writes(std::uint64_t flags) {
    return (flags & O_PATH) == 0 && (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

bool changes_bpf(std::uint64_t command) {
    constexpr std::uint64_t commands[] = {
        BPF_MAP_CREATE,  BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, BPF_PROG_LOAD,   BPF_OBJ_PIN,
        BPF_PROG_ATTACH, BPF_PROG_DETACH,     BPF_LINK_CREATE,     BPF_LINK_UPDATE, BPF_LINK_DETACH,
    };
    return std::find(std::begin(commands), std::end(commands), command) != std::end(commands);
}

bool applies(pid_t pid, If when, const std::uint64_t (&args)[6], const std::vector<std::string>& paths) {
    switch (when) {
        case If::Always: return true;
        case If::OpenFlags: return writes(args[1]) && is_of_the_world(paths.front());
        case If::OpenAtFlags: return writes(args[2]) && is_of_the_world(paths.front());
        case If::OpenHow: return writes(word_in(pid, args[2])) && is_of_the_world(paths.front());
        case If::File: return is_of_the_world(paths.front());
        // 0 only asks. tgkill(2) has a thread there, and is never used to ask.
        case If::Signal: return args[1] != 0;
        case If::Bpf: return changes_bpf(args[0]);
        case If::CloneFlags: return (args[0] & CLONE_THREAD) == 0;
        case If::CloneArgs: return (word_in(pid, args[0]) & CLONE_THREAD) == 0;
    }
    return false;
}

}  // namespace

std::optional<Change> change_of(pid_t pid, std::uint64_t number, const std::uint64_t (&args)[6]) {
    const auto* rule = rule_for(number);
    if (rule == nullptr) {
        return {};
    }
    auto paths = paths_of(pid, rule->names, args);
    if (!applies(pid, rule->when, args, paths)) {
        return {};
    }
    return Change{rule->call, std::move(paths)};
}

bool is_known_call(const std::string& name) {
    return std::any_of(std::begin(rules), std::end(rules),
                       [&](const Rule& rule) { return name == rule.call; });
}

}  // namespace twinctl
