// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>

#include "core/files.hpp"

namespace twinctl {

/// Keeps the file of a Unix socket in its place, whoever removes it: many a service removes it when it ends, though its
/// sibling is reached by it. A process of its own links a second name of the socket, PATH.kept, back as soon as inotify(7)
/// tells it: this process may be waiting for rc-service. It ends with this one, also where this one is killed.
class SocketKeeper {
public:
    /// Throws SystemError where there can be no process.
    explicit SocketKeeper(std::string path);
    ~SocketKeeper();
    SocketKeeper(const SocketKeeper&) = delete;
    SocketKeeper& operator=(const SocketKeeper&) = delete;

    /// Puts the file back if it is not there. True if that had to be done, since the last call.
    bool mend();

private:
    [[noreturn]] void keep(int tell) const;
    bool put_back() const;

    std::string path_;
    std::string second_;
    Fd told_;  ///< a byte each time that the process has put the file back
    pid_t child_ = -1;
};

}  // namespace twinctl
