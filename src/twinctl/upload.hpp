// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace twinctl {

/// The name of the manifest, in the root of an upload: what sha256sum(1) prints.
inline constexpr char manifest_name[] = "SHA256SUMS";

/// An upload as it was read, once, entry by entry: nothing that was changed later is in it.
struct Upload {
    /// SHA-256 over the names, types, modes and contents of all entries: the same for the same release,
    /// whatever it is called and whenever it comes. The manifest is not in it.
    std::string content;
    std::string sealed;  ///< the same with the manifest
    /// Why it is refused, an entry a line; whoever uploads is not trusted.
    std::vector<std::string> faults;
    std::map<std::string, std::string> files;  ///< path to SHA-256, of regular files
    std::string manifest;                      ///< what manifest_name says
    std::uint64_t bytes = 0;
};

/// What can be seen of an upload without reading it. Equal: nothing has come in meanwhile.
struct UploadStamp {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::int64_t changed_ns = 0;  ///< the latest change (st_ctime) of any entry, since the epoch

    bool operator==(const UploadStamp&) const = default;
};

/// Looks at each entry below DIRECTORY. Throws SystemError where it cannot be read.
UploadStamp stamp_of(const std::string& directory);

/// An upload that is complete, as far as can be seen from outside.
struct Arrival {
    std::string id;
    std::int64_t at_ns = 0;  ///< since the epoch; the uploader cannot set it
    bool operator==(const Arrival&) const = default;
};

/// The uploads in DIRECTORY that are there under a good name, in the order of their arrival, the last
/// one in front. One that has no manifest counts only if BY_RENAME.
std::vector<Arrival> arrivals(const std::string& directory, bool by_rename);

/// Reads all of SOURCE, a path without links, at most MOST_BYTES, and copies it into TARGET, an empty directory, unless
/// that is empty. The copy is root's, mode 0755 or 0644 after the owner's x bit; sockets, FIFOs,
/// devices, set-id bits, links that lead out of it, odd names, and what does not belong to the owner
/// of SOURCE are faults. Throws SystemError where the disk fails.
Upload take_over(const std::string& source, const std::string& target, std::uint64_t most_bytes);

/// Empty, or why UPLOAD is not what its manifest says.
std::string why_not_whole(const Upload& upload);

}  // namespace twinctl
