// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "core/files.hpp"

namespace twinctl {

/// A bpf file system of our own at PATH, which no other process mounts, unmounts or changes while
/// this object lives: it has flock(2) on PATH.lock.
class BpfMount {
public:
    /// Waits for the lock, which nobody holds for more than milliseconds; 10 s at most.
    explicit BpfMount(std::string path);

    void mount_if_missing();

    /// Unmounts it, and removes its directory, if nothing is pinned in it.
    void unmount_if_empty();

private:
    bool is_mounted() const;

    std::string path_;
    std::string lock_path_;
    Fd lock_;
};

}  // namespace twinctl
