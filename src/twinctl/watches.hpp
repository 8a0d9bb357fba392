// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "core/files.hpp"

namespace twinctl {

/// Directories in which something may come in, by inotify(7). What it says are hints: after an
/// overflow of its queue everything may have changed.
class Watches {
public:
    Watches() { open(); }

    /// Tries to get an instance of inotify: root has a limited number of them, over all containers. False, with errno,
    /// where there is none; everything below then does nothing.
    bool open();

    /// -1 without inotify.
    int fd() const { return fd_.get(); }

    /// Watches PATH for OWNER, which is any word. False where there is no such directory, or the kernel
    /// gives no more watches.
    bool add(const std::string& path, const std::string& owner);
    std::size_t count(const std::string& owner) const;
    /// Watches nothing for OWNER any more.
    void drop(const std::string& owner);

    /// Calls CHANGED with the owner and the name of what has changed there, for all that has been said
    /// so far; with an empty owner after an overflow.
    void read(const std::function<void(const std::string& owner, const std::string& name)>& changed);

private:
    struct Watch {
        std::string path;
        std::string owner;
    };

    Fd fd_;
    std::map<int, Watch> watches_;
};

}  // namespace twinctl
