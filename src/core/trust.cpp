// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/trust.hpp"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "core/error.hpp"
#include "core/files.hpp"

namespace twinctl {

namespace {

/// Empty, or who could change it besides root, UID and GID, in words that want its name after them.
std::string who_could_change(const struct stat& info, uid_t uid, gid_t gid) {
    if (info.st_uid != 0 && info.st_uid != uid) {
        return "uid " + std::to_string(info.st_uid) + " owns ";
    }
    // What a link says nobody can change; its mode has no meaning (symlink(7)).
    if (S_ISLNK(info.st_mode)) {
        return {};
    }
    if ((info.st_mode & S_IWOTH) != 0) {
        return "everybody can write ";
    }
    if ((info.st_mode & S_IWGRP) != 0 && info.st_gid != 0 && info.st_gid != gid) {
        return "group " + std::to_string(info.st_gid) + " can write ";
    }
    return {};
}

/// Us: whom the program was started as, which takes no system call to know.
std::string who_could_change(const struct stat& info) {
    return who_could_change(info, static_cast<uid_t>(getauxval(AT_EUID)),
                            static_cast<gid_t>(getauxval(AT_EGID)));
}

std::string named(const std::string& who, const std::string& path) {
    return who.empty() ? who : who + path;
}

/// In a directory that has the sticky bit nobody renames what is another's.
struct stat as_directory(struct stat info) {
    if ((info.st_mode & S_ISVTX) != 0) {
        info.st_mode &= ~static_cast<mode_t>(S_IWGRP | S_IWOTH);
    }
    return info;
}

/// Takes the first name off PATH.
std::string take_name(std::string& path) {
    const auto begin = std::min(path.find_first_not_of('/'), path.size());
    const auto end = std::min(path.find('/', begin), path.size());
    auto name = path.substr(begin, end - begin);
    path.erase(0, end);
    return name;
}

constexpr int most_links = 40;  // as in path_resolution(7)

SystemError untrusted(const std::string& path, const std::string& why) {
    return SystemError("cannot trust " + path + ": " + why);
}

void require_own(std::string directory) {
    while (directory.back() == '/') {
        directory.pop_back();
    }
    struct stat info {};
    if (lstat(directory.c_str(), &info) != 0) {
        return;
    }
    // Anything else in its place holds no files; whoever wants to write there says so.
    if (S_ISLNK(info.st_mode)) {
        throw untrusted(directory, "it is a symbolic link");
    }
    if (const auto who = who_could_change(info); !who.empty()) {
        throw untrusted(directory, who + "it");
    }
}

}  // namespace

std::optional<std::string> read_own_file_if_any(const std::string& path) {
    // O_NONBLOCK: a FIFO would be waited for.
    const Fd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!fd && errno == ELOOP) {
        throw untrusted(path, "it is a symbolic link");
    }
    if (!fd || fstat(fd.get(), &info) != 0) {
        return {};
    }
    if (!S_ISREG(info.st_mode)) {
        throw untrusted(path, "it is no regular file");
    }
    if (const auto who = who_could_change(info); !who.empty()) {
        throw untrusted(path, who + "it");
    }
    return read_all(fd);
}

void require_own_directories(const Layout& layout, const std::string& pair) {
    require_own_run_directories(layout, pair);
    for (const auto& path : {layout.state(""), layout.state(pair), layout.logs()}) {
        require_own(path);
    }
}

void require_own_run_directories(const Layout& layout, const std::string& pair) {
    require_own(layout.runs());
    require_own(layout.run(pair));
}

std::string who_could_change(const std::string& path) {
    // Each directory from the root on, and each link on the way: whoever may rename one of them puts another file in
    // the place of the one that is looked at.
    std::string rest = path;
    std::string at;
    int links = 0;
    while (!rest.empty()) {
        struct stat info {};
        if (stat(at.empty() ? "/" : at.c_str(), &info) != 0) {
            return {};
        }
        if (const auto who = who_could_change(as_directory(info)); !who.empty()) {
            return named(who, at.empty() ? "/" : at);
        }
        const auto name = take_name(rest);
        if (name.empty() || name == ".") {
            continue;
        }
        if (name == "..") {
            at = at.empty() ? at : at.substr(0, at.rfind('/'));
            continue;
        }
        const auto next = at + "/" + name;
        if (lstat(next.c_str(), &info) != 0) {
            return {};
        }
        if (const auto who = who_could_change(S_ISDIR(info.st_mode) ? as_directory(info) : info); !who.empty()) {
            return named(who, next);
        }
        if (!S_ISLNK(info.st_mode)) {
            at = next;
            continue;
        }
        const auto target = link_target(next).value_or("");
        if (target.empty() || ++links > most_links) {
            return {};
        }
        at = target.front() == '/' ? "" : at;
        rest = target + "/" + rest;
    }
    return {};
}

std::string who_could_replace_in(const std::string& directory, uid_t uid, gid_t gid) {
    struct stat info {};
    if (stat(directory.c_str(), &info) != 0) {
        return {};
    }
    return named(who_could_change(as_directory(info), uid, gid), directory);
}

void require_trusted_config(const std::string& path) {
    if (const auto who = who_could_change(path); !who.empty()) {
        throw InputError("cannot trust " + path + ": " + who);
    }
}

void require_beneath(const std::string& root, const std::string& path) {
    char top[PATH_MAX];
    char real[PATH_MAX];
    if (realpath((root + "/").c_str(), top) == nullptr || realpath(path.c_str(), real) == nullptr) {
        return;
    }
    if (!(std::string(real) + "/").starts_with(std::string(top) + "/")) {
        throw InputError(path + " leads out of " + root + ", to " + real);
    }
}

void require_trusted_pair(const Layout& layout, const std::string& pair, const std::string& level) {
    for (const auto* suffix : {"", ".0", ".1"}) {
        require_trusted_config(layout.initscript(pair + suffix));
        require_trusted_config(layout.conf(pair + suffix));
        if (!level.empty()) {
            require_trusted_config(layout.conf(pair + suffix) + "." + level);
        }
    }
}

}  // namespace twinctl
