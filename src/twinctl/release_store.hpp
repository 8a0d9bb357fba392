// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace twinctl {

/// A release that was refused or failed, known by its content.
struct Quarantined {
    std::string id;
    std::string reason;
};

/// The releases of one pair: releases/ID, root's copies, which are never changed; slots/0 and slots/1,
/// the links by which the twins run them; quarantine/ID, what not to try again. One at a time
/// may change it: the holder of the deploy lock, or of the pair's for the slots.
class ReleaseStore {
public:
    explicit ReleaseStore(std::string directory) : directory_(std::move(directory)) {}

    /// Makes the directories that are missing and clears what a killed one left half copied.
    /// Throws SystemError where somebody else could write to one of them.
    void prepare();

    std::string path(const std::string& id) const { return releases() + "/" + id; }
    bool has(const std::string& id) const;
    /// The IDs, the one that came last in front.
    std::vector<std::string> list() const;
    /// The sum over the content of a release; empty if it is not known.
    std::string content_of(const std::string& id) const;

    /// An empty directory, to be filled with what becomes ID.
    std::string begin(const std::string& id);
    /// What is there is on the disk and called ID from here on.
    void commit(const std::string& id, const std::string& content);
    void abandon(const std::string& id);
    void remove(const std::string& id);

    std::optional<std::string> slot(int parity) const;
    /// Points the slot of PARITY at ID, or takes it away where that is empty; in one rename(2), and on the disk.
    void point(int parity, const std::string& id);

    std::optional<Quarantined> find_quarantined(const std::string& content) const;
    void quarantine(const std::string& id, const std::string& content, const std::string& reason,
                    std::int64_t wall_s);
    void pardon(const std::string& content);

    /// Removes all but the last KEEP releases, those in a slot, and those SPARED. Says which went.
    std::vector<std::string> prune(std::size_t keep, const std::vector<std::string>& spared);

    /// Throws SystemError unless BYTES more fit, with a twentieth of the disk, at most 1 GiB, left free;
    /// and ENTRIES more, with a twentieth of the inodes, at most 10000, left.
    void require_space(std::uint64_t bytes, std::uint64_t entries) const;

private:
    void forget_oldest();
    std::string releases() const { return directory_ + "/releases"; }
    std::string slots() const { return directory_ + "/slots"; }
    std::string quarantine_directory() const { return directory_ + "/quarantine"; }
    std::string half(const std::string& id) const { return releases() + "/.half-" + id; }
    std::string sum_file(const std::string& id) const { return releases() + "/.sum-" + id; }

    std::string directory_;
};

}  // namespace twinctl
