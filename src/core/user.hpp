// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace twinctl {

/// Who the service runs as.
struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< supplementary, with gid
    std::string name;           ///< empty where only a number was given that nobody has
    std::string home;
};

/// USER or USER:GROUP, by name or number, from /etc/passwd and /etc/group. A static program must
/// not ask NSS, which is loaded at run time: users of other databases are given by number.
/// Throws InputError.
Identity find_identity(const std::string& text);

/// Becomes it for good. Throws SystemError.
void become(const Identity& identity);

}  // namespace twinctl
