// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace twinctl {

/// Empty, or why TEXT is no ID of a release: letters, digits and . _ + ~ -, the first of them a letter
/// or digit, at most 128, and no name of a part (.partial).
std::string why_no_release_id(const std::string& text);

/// The directory of the releases of PAIR: TEXT (twin_releases) or, where that is empty and one of
/// WORDS has a {release}, /srv/twins/PAIR; empty if the pair has none. Throws InputError unless TEXT
/// is an absolute path.
std::string releases_directory(const std::string& text, const std::string& pair,
                               const std::vector<std::string>& words);

/// DIRECTORY/slots/P, the link to the release of the twin with parity P; empty where there is no DIRECTORY.
std::string slot_path(const std::string& directory, int parity);

/// The ID of the release that a slot leads to; nothing where it leads to none.
std::optional<std::string> release_in(const std::string& slot);

/// Throws InputError where somebody else could change what the twin's slot leads to, or put another
/// release in its place. No error where there is none.
void require_trusted_slot(const std::string& directory, int parity);

}  // namespace twinctl
