// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/bpf_mount.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace twinctl {

namespace {

/// Names with a dot are not ours: the kernel keeps them for itself, and puts maps.debug and
/// progs.debug into each new bpf file system where it has CONFIG_BPF_PRELOAD.
bool has_no_pins(const std::string& directory) {
    DIR* dir = opendir(directory.c_str());
    if (dir == nullptr) {
        return false;
    }
    bool empty = true;
    while (const dirent* entry = readdir(dir)) {
        empty = empty && std::strchr(entry->d_name, '.') != nullptr;
    }
    closedir(dir);
    return empty;
}

}  // namespace

// The directory itself is locked, not a file in it: nothing is left behind, and nobody can remove
// the lock while another waits for it.
BpfMount::BpfMount(std::string path) : path_(std::move(path)) {
    const auto above = path_.substr(0, path_.rfind('/'));
    lock_ = Fd(open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock_) {
        throw SystemError::from_errno("cannot open " + above);
    }
    for (int tries = 0; flock(lock_.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        if (tries == 5000) {
            throw SystemError::from_errno("cannot lock " + above);
        }
        usleep(2000);
    }
}

bool BpfMount::is_mounted() const {
    struct statfs info {};
    return statfs(path_.c_str(), &info) == 0 &&
           static_cast<unsigned long>(info.f_type) == BPF_FS_MAGIC;
}

void BpfMount::mount_if_missing() {
    if (is_mounted()) {
        return;
    }
    if (mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) {
        throw SystemError::from_errno("cannot make " + path_);
    }
    if (mount("bpf", path_.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0) {
        throw SystemError::from_errno("cannot mount a bpf file system on " + path_);
    }
}

void BpfMount::unmount_if_empty() {
    if (is_mounted()) {
        if (!has_no_pins(path_)) {
            return;
        }
        // EBUSY: somebody stands in it. It is empty, the next one to leave takes it away.
        if (umount2(path_.c_str(), UMOUNT_NOFOLLOW) != 0 && errno != EBUSY) {
            throw SystemError::from_errno("cannot unmount " + path_);
        }
    }
    // Whatever else may be in it is not ours.
    rmdir(path_.c_str());
}

}  // namespace twinctl
