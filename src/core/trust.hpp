// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/layout.hpp"

namespace twinctl {

/// The whole file, one of those that we write ourselves; nothing if it cannot be read. Throws
/// SystemError where it is a link, or somebody else could have written it: its owner is neither
/// root nor us, or others may write it. Our own group may, as root's may write root's files.
std::optional<std::string> read_own_file_if_any(const std::string& path);

/// Throws SystemError where somebody else could put files into a directory that we keep for PAIR.
void require_own_directories(const Layout& layout, const std::string& pair);

/// The same for those below /run/twin alone, which is all that most starts of a twin write to.
void require_own_run_directories(const Layout& layout, const std::string& pair);

/// Throws InputError where somebody else could change PATH, a directory above it, or what it leads to: root
/// runs what is written there. A link is followed, if it is root's. No error where there is none.
void require_trusted_config(const std::string& path);

/// The same for the scripts and the configuration of PAIR, in the runlevel LEVEL.
void require_trusted_pair(const Layout& layout, const std::string& pair, const std::string& level);

/// Throws InputError where PATH, below ROOT, leads out of it: an image has links that mean its own root, and would lead
/// into the running system. No error where there is none.
void require_beneath(const std::string& root, const std::string& path);

/// Empty, or who else could change PATH, a file that is run: "uid 1000 owns PATH".
std::string who_could_change(const std::string& path);

/// Empty, or who could put another file in the place of one in DIRECTORY, but for root and the user
/// and group given: "uid 1000 owns DIRECTORY". One that has the sticky bit is anybody's to put files in.
std::string who_could_replace_in(const std::string& directory, uid_t uid, gid_t gid);

}  // namespace twinctl
