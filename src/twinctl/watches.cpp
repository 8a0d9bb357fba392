// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/watches.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/error.hpp"

namespace twinctl {

namespace {

constexpr std::uint32_t coming_in = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW;

}  // namespace

bool Watches::open() {
    if (!fd_) {
        fd_ = Fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    }
    return static_cast<bool>(fd_);
}

bool Watches::add(const std::string& path, const std::string& owner) {
    const int number = inotify_add_watch(fd_.get(), path.c_str(), coming_in);
    if (number < 0) {
        return false;
    }
    // The same directory again has the same number.
    watches_[number] = {path, owner};
    return true;
}

std::size_t Watches::count(const std::string& owner) const {
    return static_cast<std::size_t>(std::count_if(watches_.begin(), watches_.end(),
                                                  [&](const auto& watch) { return watch.second.owner == owner; }));
}

void Watches::drop(const std::string& owner) {
    std::erase_if(watches_, [&](const auto& watch) {
        if (watch.second.owner != owner) {
            return false;
        }
        inotify_rm_watch(fd_.get(), watch.first);
        return true;
    });
}

void Watches::read(const std::function<void(const std::string& owner, const std::string& name)>& changed) {
    alignas(inotify_event) char buffer[16384];
    while (fd_) {
        const auto got = ::read(fd_.get(), buffer, sizeof buffer);
        if (got <= 0) {
            if (got < 0 && errno != EAGAIN && errno != EINTR) {
                throw SystemError::from_errno("inotify");
            }
            return;
        }
        for (const char* at = buffer; at < buffer + got;) {
            const auto& event = *reinterpret_cast<const inotify_event*>(at);
            at += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) {
                changed("", "");
                continue;
            }
            const auto watch = watches_.find(event.wd);
            if (watch == watches_.end()) {
                continue;
            }
            changed(watch->second.owner, event.len > 0 ? event.name : "");
            if ((event.mask & IN_IGNORED) != 0) {
                watches_.erase(watch);
            }
        }
    }
}

}  // namespace twinctl
