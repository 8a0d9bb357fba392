// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "core/error.hpp"

namespace twinctl {

namespace {

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const auto n = write(fd, content.data(), content.size());
        if (n < 0 && errno != EINTR) {
            throw SystemError::from_errno("cannot write " + path);
        }
        content.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
    }
}

void sync_directory_of(const std::string& path) {
    const Fd dir(open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir || fsync(dir.get()) != 0) {
        throw SystemError::from_errno("cannot write " + parent_of(path));
    }
}

/// Which read(2) is the last one.
enum class Last { Short, Empty };

std::optional<std::string> read_until(const Fd& fd, Last last) {
    std::string content;
    char buffer[4096];
    for (;;) {
        const auto n = read(fd.get(), buffer, sizeof buffer);
        if (n < 0) {
            return {};
        }
        content.append(buffer, static_cast<std::size_t>(n));
        if (n == 0 || (last == Last::Short && n < static_cast<ssize_t>(sizeof buffer))) {
            return content;
        }
    }
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) {
            close(fd_);
        }
        fd_ = other.release();
    }
    return *this;
}

Fd::~Fd() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

int Fd::release() {
    return std::exchange(fd_, -1);
}

std::string read_file(const std::string& path) {
    if (auto content = read_file_if_any(path)) {
        return *content;
    }
    throw SystemError::from_errno("cannot read " + path);
}

// Not by catching what read_file throws: the first exception of a static program costs as much as
// all that twin-exec does besides.
std::optional<std::string> read_file_if_any(const std::string& path) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return fd ? read_all(fd) : std::nullopt;
}

std::optional<std::string> read_all(const Fd& fd) {
    return read_until(fd, Last::Short);
}

std::optional<std::string> read_table(const std::string& path) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return fd ? read_until(fd, Last::Empty) : std::nullopt;
}

void write_file(const std::string& path, std::string_view content, mode_t mode,
                Durability durability) {
    // Two writers of one file are kept apart by its lock; the pid keeps what a killed one left
    // out of the way. O_EXCL and O_NOFOLLOW: nothing that was put there is written through.
    const auto temporary = path + ".tmp" + std::to_string(getpid());
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    Fd fd(open(temporary.c_str(), flags, mode));
    if (!fd && errno == ENOENT) {
        make_directories(parent_of(path));
        fd = Fd(open(temporary.c_str(), flags, mode));
    } else if (!fd && errno == EEXIST && unlink(temporary.c_str()) == 0) {
        fd = Fd(open(temporary.c_str(), flags, mode));
    }
    if (!fd) {
        throw SystemError::from_errno("cannot write " + path);
    }
    try {
        write_all(fd.get(), content, path);
        if (durability == Durability::Boot && (fchmod(fd.get(), mode) != 0 || fsync(fd.get()) != 0)) {
            throw SystemError::from_errno("cannot write " + path);
        }
        if (rename(temporary.c_str(), path.c_str()) != 0) {
            throw SystemError::from_errno("cannot replace " + path);
        }
    } catch (...) {
        unlink(temporary.c_str());
        throw;
    }
    if (durability == Durability::Boot) {
        sync_directory_of(path);
    }
}

void make_directories(const std::string& path) {
    if (mkdir(path.c_str(), 0755) == 0) {
        if (chmod(path.c_str(), 0755) != 0) {
            throw SystemError::from_errno("cannot make " + path);
        }
        return;
    }
    if (errno == EEXIST) {
        struct stat info {};
        if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
            return;
        }
        throw SystemError::from_errno("cannot make " + path, ENOTDIR);
    }
    if (errno != ENOENT) {
        throw SystemError::from_errno("cannot make " + path);
    }
    make_directories(parent_of(path));
    make_directories(path);
}

bool is_there(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0;
}

bool exists(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

bool is_directory(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::optional<std::string> link_target(const std::string& path) {
    char target[PATH_MAX];
    const auto length = readlink(path.c_str(), target, sizeof target);
    return length < 0 ? std::nullopt : std::optional(std::string(target, static_cast<std::size_t>(length)));
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    if (DIR* dir = opendir(directory.c_str())) {
        while (const dirent* entry = readdir(dir)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") {
                names.emplace_back(name);
            }
        }
        closedir(dir);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::int64_t changed_ns(const struct stat& info) {
    return info.st_ctim.tv_sec * std::int64_t{1000000000} + info.st_ctim.tv_nsec;
}

std::int64_t changed_ns(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 ? changed_ns(info) : 0;
}

bool remove_file(const std::string& path) {
    if (unlink(path.c_str()) == 0) {
        return true;
    }
    if (errno != ENOENT) {
        throw SystemError::from_errno("cannot remove " + path);
    }
    return false;
}

Fd try_lock(const std::string& path) {
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) {
        throw SystemError::from_errno("cannot open " + path);
    }
    if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
        return fd;
    }
    if (errno != EWOULDBLOCK) {
        throw SystemError::from_errno("cannot lock " + path);
    }
    return {};
}

}  // namespace twinctl
