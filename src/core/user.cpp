// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/user.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>

#include "core/error.hpp"
#include "core/names.hpp"

namespace twinctl {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open_database(const char* path) {
    return File(std::fopen(path, "re"), [](std::FILE* file) { return std::fclose(file); });
}

std::optional<unsigned> number(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return {};
    }
    // To setresuid(2) and setresgid(2) it means to stay what one is: root.
    if (value == std::numeric_limits<unsigned>::max()) {
        throw InputError("twin_user: nobody can be number " + text);
    }
    return value;
}

gid_t find_group(const std::string& text) {
    if (const auto gid = number(text)) {
        return *gid;
    }
    if (const auto file = open_database("/etc/group")) {
        while (const group* entry = fgetgrent(file.get())) {
            if (text == entry->gr_name) {
                return entry->gr_gid;
            }
        }
    }
    throw InputError("twin_user: no group '" + printable(text) + "' in /etc/group");
}

void add_supplementary(Identity& identity) {
    identity.groups.push_back(identity.gid);
    const auto file = open_database("/etc/group");
    if (!file || identity.name.empty()) {
        return;
    }
    while (const group* entry = fgetgrent(file.get())) {
        for (char** member = entry->gr_mem; *member != nullptr; ++member) {
            if (identity.name == *member && entry->gr_gid != identity.gid) {
                identity.groups.push_back(entry->gr_gid);
            }
        }
    }
}

}  // namespace

Identity find_identity(const std::string& text) {
    const auto colon = text.find(':');
    const auto user = text.substr(0, colon);
    const auto uid = number(user);
    Identity identity;
    bool found = false;
    if (const auto file = open_database("/etc/passwd")) {
        while (const passwd* entry = fgetpwent(file.get())) {
            if (uid ? *uid == entry->pw_uid : user == entry->pw_name) {
                identity.uid = entry->pw_uid;
                identity.gid = entry->pw_gid;
                identity.name = entry->pw_name;
                identity.home = entry->pw_dir;
                found = true;
                break;
            }
        }
    }
    if (!found) {
        if (!uid) {
            throw InputError("twin_user: no user '" + printable(user) + "' in /etc/passwd");
        }
        if (colon == std::string::npos) {
            throw InputError("twin_user: user " + user + " is not in /etc/passwd; say USER:GROUP");
        }
        identity.uid = *uid;
    }
    if (colon != std::string::npos) {
        identity.gid = find_group(text.substr(colon + 1));
    }
    add_supplementary(identity);
    return identity;
}

void become(const Identity& identity) {
    if (setgroups(identity.groups.size(), identity.groups.data()) != 0 ||
        setresgid(identity.gid, identity.gid, identity.gid) != 0 ||
        setresuid(identity.uid, identity.uid, identity.uid) != 0) {
        throw SystemError::from_errno("cannot become user " + std::to_string(identity.uid));
    }
    // The change of user takes away all sets of capabilities but this one.
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (identity.uid != 0 && syscall(SYS_capset, &header, none) != 0) {
        throw SystemError::from_errno("cannot drop the inheritable capabilities");
    }
}

}  // namespace twinctl
