// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/pair_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/process.hpp"
#include "core/trust.hpp"

namespace twinctl {

bool take_pair_lock(int fd, pid_t pid, const std::string& what) {
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return false;
        }
        throw SystemError::from_errno("cannot lock the pair");
    }
    const auto line = std::to_string(pid) + " " + what + "\n";
    if (ftruncate(fd, 0) != 0 ||
        pwrite(fd, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
        throw SystemError::from_errno("cannot write the pair's lock file");
    }
    return true;
}

namespace {

/// For what the lock is held, by a process that still lives; else nothing.
std::string purpose_of_holder(const Layout& layout, const std::string& pair) {
    const auto text = read_own_file_if_any(layout.lock(pair)).value_or("");
    const auto blank = text.find(' ');
    const auto pid = parse_pid(text);
    const bool held = blank != std::string::npos && text.ends_with('\n') && pid && process_at(*pid);
    return held ? text.substr(blank + 1, text.size() - blank - 2) : "";
}

}  // namespace

bool is_pair_lock_held_for(const Layout& layout, const std::string& pair, const std::string& what) {
    return purpose_of_holder(layout, pair) == what;
}

bool is_pair_lock_held_by_twinctl(const Layout& layout, const std::string& pair) {
    return purpose_of_holder(layout, pair).starts_with("twinctl ");
}

bool is_adopting(const Layout& layout, const std::string& pair) {
    const Fd fd(open(layout.adopting(pair).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    return fd && flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string describe_holder(const Layout& layout, const std::string& pair) {
    const auto text = read_own_file_if_any(layout.lock(pair)).value_or("");
    const auto blank = text.find(' ');
    const auto end = text.find('\n');
    if (blank == std::string::npos || end == std::string::npos || end < blank) {
        return pair + " is being changed";
    }
    return pair + " is being changed by " + printable(text.substr(blank + 1, end - blank - 1)) + " (pid " +
           printable(text.substr(0, blank)) + ")";
}

}  // namespace twinctl
