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
#include <utility>

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

// Whoever may read a file can hold its lock: only root may read this one. It is removed with the
// mount, and whoever has waited for one that is gone begins again.
BpfMount::BpfMount(std::string path) : path_(std::move(path)), lock_path_(path_ + ".lock") {
    for (int tries = 0; tries < 5000; ++tries) {
        Fd fd(open(lock_path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd) {
            throw SystemError::from_errno("cannot open " + lock_path_);
        }
        struct stat info {};
        if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && fstat(fd.get(), &info) == 0 && info.st_nlink > 0) {
            lock_ = std::move(fd);
            return;
        }
        usleep(2000);
    }
    throw SystemError("cannot lock " + lock_path_ + " within 10 s");
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
    if (rmdir(path_.c_str()) == 0) {
        unlink(lock_path_.c_str());
    }
}

}  // namespace twinctl
