// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twinctl {

/// A file descriptor that is closed with its owner.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd();

    int get() const { return fd_; }
    int release();
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// The whole file. Throws SystemError.
std::string read_file(const std::string& path);

/// The whole file, or nothing if it cannot be read. For regular files and the small ones of proc(5),
/// which come short only at their end: that saves a read(2).
std::optional<std::string> read_file_if_any(const std::string& path);

/// What is left to be read from FD, a regular file or one of proc(5); nothing if that fails.
std::optional<std::string> read_all(const Fd& fd);

/// The same for a table in proc(5): the kernel gives whole lines only, and comes short long before
/// its end.
std::optional<std::string> read_table(const std::string& path);

enum class Durability {
    Runtime,  ///< under /run: gone at a reboot anyway
    Boot,     ///< fsync of file and directory: there after a power loss
};

/// Replaces PATH by CONTENT in one rename(2): a reader sees the old file or the new one. Makes
/// the directories above it. The umask counts for what does not outlive the boot, else not.
/// Throws SystemError; then PATH is as it was and no temporary file stays.
void write_file(const std::string& path, std::string_view content, mode_t mode,
                Durability durability = Durability::Runtime);

/// Makes PATH and the directories above it that are missing, as mode 0755 whatever the umask.
void make_directories(const std::string& path);

bool exists(const std::string& path);

/// Whether there is anything of that name, a link that leads nowhere too.
bool is_there(const std::string& path);

/// True if PATH is a directory, and not a link to one.
bool is_directory(const std::string& path);

/// Where the link PATH leads, as it is written; nothing if it is no link.
std::optional<std::string> link_target(const std::string& path);

/// The names in DIRECTORY but "." and "..", sorted; none if it cannot be read.
std::vector<std::string> names_in(const std::string& directory);

/// The latest change (st_ctime) in nanoseconds since the epoch; of PATH itself where that is a link, and 0 where PATH
/// is missing.
std::int64_t changed_ns(const std::string& path);
std::int64_t changed_ns(const struct stat& info);

/// Removes PATH; false if there was none.
bool remove_file(const std::string& path);

/// Opens PATH, making it if it is missing, and takes flock(2) LOCK_EX without waiting.
/// Empty if somebody else holds it.
Fd try_lock(const std::string& path);

}  // namespace twinctl
