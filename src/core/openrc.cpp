// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/openrc.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/files.hpp"

namespace twinctl {

namespace {

std::string retired_file(const std::string& svcdir, const std::string& name) {
    return svcdir + "/options/" + name + "/twin_retired";
}

}  // namespace

ServiceState service_state(const std::string& svcdir, const std::string& name) {
    // The marks of a change come first: a stopping service keeps no other, a starting one may.
    if (exists(svcdir + "/stopping/" + name)) {
        return ServiceState::Stopping;
    }
    if (exists(svcdir + "/starting/" + name)) {
        return ServiceState::Starting;
    }
    if (exists(svcdir + "/inactive/" + name)) {
        return ServiceState::Inactive;
    }
    if (exists(svcdir + "/started/" + name)) {
        return ServiceState::Started;
    }
    return ServiceState::Stopped;
}

const char* to_string(ServiceState state) {
    switch (state) {
        case ServiceState::Stopped: return "stopped";
        case ServiceState::Starting: return "starting";
        case ServiceState::Started: return "started";
        case ServiceState::Stopping: return "stopping";
        case ServiceState::Inactive: return "inactive";
    }
    return "?";
}

bool is_being_changed(const std::string& svcdir, const std::string& name) {
    const Fd fd(open((svcdir + "/exclusive/" + name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    // A shared lock is what OpenRC itself asks for when it waits for a service.
    return fd && flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

bool is_retired(const std::string& svcdir, const std::string& name) {
    return exists(retired_file(svcdir, name));
}

void mark_retired(const std::string& svcdir, const std::string& name) {
    write_file(retired_file(svcdir, name), "yes", 0644);
}

void unmark_retired(const std::string& svcdir, const std::string& name) {
    remove_file(retired_file(svcdir, name));
}

bool is_marked_failed(const std::string& svcdir, const std::string& name) {
    return is_there(svcdir + "/failed/" + name);
}

void unmark_failed(const std::string& svcdir, const std::string& name) {
    remove_file(svcdir + "/failed/" + name);
}

bool is_booted(const std::string& svcdir) {
    return exists(svcdir + "/softlevel");
}

}  // namespace twinctl
