// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/release_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/release.hpp"
#include "core/trust.hpp"

namespace twinctl {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_reason = 500;
constexpr std::size_t most_lines = 100;
constexpr std::size_t most_quarantined = 1000;
constexpr std::uint64_t most_reserved = std::uint64_t{1} << 30;
constexpr std::uint64_t most_reserved_inodes = 10000;

void remove_tree(const std::string& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) {
        throw SystemError("cannot remove " + path + ": " + error.message());
    }
}

void sync_directory(const std::string& path) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) {
        throw SystemError::from_errno("cannot write " + path);
    }
}

/// A line of a file in quarantine: the sum, the time, the reason.
struct Line {
    std::string content;
    std::string rest;
};

std::vector<Line> quarantine_lines(const std::string& path) {
    std::vector<Line> lines;
    const auto text = read_own_file_if_any(path).value_or("");
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = text.substr(begin, end - begin);
        const auto blank = std::min(line.find(' '), line.size());
        lines.push_back({line.substr(0, blank), line.substr(std::min(blank + 1, line.size()))});
        begin = end + 1;
    }
    return lines;
}

void write_quarantine(const std::string& path, const std::vector<Line>& lines) {
    if (lines.empty()) {
        remove_file(path);
        return;
    }
    std::string text;
    for (const auto& line : lines) {
        text += line.content + " " + line.rest + "\n";
    }
    write_file(path, text, 0644, Durability::Boot);
}

}  // namespace

void ReleaseStore::prepare() {
    for (const auto& path : {directory_, releases(), slots(), quarantine_directory()}) {
        make_directories(path);
        if (const auto who = who_could_change(path); !who.empty()) {
            throw SystemError("cannot trust " + path + ": " + who);
        }
    }
    for (const auto& name : names_in(releases())) {
        const bool is_half = name.starts_with(".half-");
        const bool is_widow = name.starts_with(".sum-") && !has(name.substr(5));
        if (is_half || is_widow) {
            remove_tree(releases() + "/" + name);
        }
    }
}

bool ReleaseStore::has(const std::string& id) const {
    return why_no_release_id(id).empty() && is_there(path(id));
}

std::vector<std::string> ReleaseStore::list() const {
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (const auto& name : names_in(releases())) {
        if (why_no_release_id(name).empty()) {
            // Written when it came, and never again.
            found.emplace_back(changed_ns(sum_file(name)), name);
        }
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> ids;
    for (auto& [when, id] : found) {
        ids.push_back(std::move(id));
    }
    return ids;
}

std::string ReleaseStore::content_of(const std::string& id) const {
    auto text = read_own_file_if_any(sum_file(id)).value_or("");
    if (text.ends_with("\n")) {
        text.pop_back();
    }
    return text;
}

std::string ReleaseStore::begin(const std::string& id) {
    remove_tree(half(id));
    make_directories(half(id));
    // Nobody else's to read before it is known to be harmless.
    if (chmod(half(id).c_str(), 0700) != 0) {
        throw SystemError::from_errno("cannot make " + half(id));
    }
    return half(id);
}

void ReleaseStore::commit(const std::string& id, const std::string& content) {
    const Fd fd(open(half(id).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // What a slot leads to is there after a power loss as well.
    if (!fd || fchmod(fd.get(), 0755) != 0 || syncfs(fd.get()) != 0) {
        throw SystemError::from_errno("cannot write " + half(id));
    }
    write_file(sum_file(id), content + "\n", 0644, Durability::Boot);
    if (rename(half(id).c_str(), path(id).c_str()) != 0) {
        throw SystemError::from_errno("cannot make " + path(id));
    }
    sync_directory(releases());
}

void ReleaseStore::abandon(const std::string& id) {
    remove_tree(half(id));
}

void ReleaseStore::remove(const std::string& id) {
    // First out of sight: a killed removal leaves no release that is only a part of one.
    remove_tree(half(id));
    if (rename(path(id).c_str(), half(id).c_str()) != 0 && errno != ENOENT) {
        throw SystemError::from_errno("cannot remove " + path(id));
    }
    remove_tree(half(id));
    remove_file(sum_file(id));
}

std::optional<std::string> ReleaseStore::slot(int parity) const {
    return release_in(slot_path(directory_, parity));
}

void ReleaseStore::point(int parity, const std::string& id) {
    const auto link = slot_path(directory_, parity);
    if (id.empty()) {
        remove_file(link);
    } else {
        const auto fresh = slots() + "/.new-" + std::to_string(parity);
        remove_file(fresh);
        if (symlink(("../releases/" + id).c_str(), fresh.c_str()) != 0 || rename(fresh.c_str(), link.c_str()) != 0) {
            throw SystemError::from_errno("cannot write " + link);
        }
    }
    sync_directory(slots());
}

std::optional<Quarantined> ReleaseStore::find_quarantined(const std::string& content) const {
    for (const auto& id : names_in(quarantine_directory())) {
        for (const auto& line : quarantine_lines(quarantine_directory() + "/" + id)) {
            if (line.content == content) {
                const auto blank = std::min(line.rest.find(' '), line.rest.size());
                return Quarantined{id, line.rest.substr(std::min(blank + 1, line.rest.size()))};
            }
        }
    }
    return {};
}

/// Who uploads without an end is not to fill the disk with that.
void ReleaseStore::forget_oldest() {
    auto ids = names_in(quarantine_directory());
    if (ids.size() >= most_quarantined) {
        const auto oldest = std::min_element(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
            return changed_ns(quarantine_directory() + "/" + a) < changed_ns(quarantine_directory() + "/" + b);
        });
        remove_file(quarantine_directory() + "/" + *oldest);
    }
}

void ReleaseStore::quarantine(const std::string& id, const std::string& content, const std::string& reason,
                              std::int64_t wall_s) {
    auto said = reason.substr(0, longest_reason);
    std::replace(said.begin(), said.end(), '\n', ' ');
    forget_oldest();
    const auto path = quarantine_directory() + "/" + id;
    auto lines = quarantine_lines(path);
    if (lines.size() >= most_lines) {
        lines.erase(lines.begin());
    }
    lines.push_back({content, std::to_string(wall_s) + " " + printable(said)});
    write_quarantine(path, lines);
}

void ReleaseStore::pardon(const std::string& content) {
    for (const auto& id : names_in(quarantine_directory())) {
        const auto path = quarantine_directory() + "/" + id;
        auto lines = quarantine_lines(path);
        const auto gone = std::remove_if(lines.begin(), lines.end(), [&](const Line& line) { return line.content == content; });
        if (gone != lines.end()) {
            lines.erase(gone, lines.end());
            write_quarantine(path, lines);
        }
    }
}

std::vector<std::string> ReleaseStore::prune(std::size_t keep, const std::vector<std::string>& spared) {
    const std::optional<std::string> in_slots[] = {slot(0), slot(1)};
    std::vector<std::string> gone;
    std::size_t kept = 0;
    for (const auto& id : list()) {
        const bool is_needed = in_slots[0] == id || in_slots[1] == id ||
                               std::find(spared.begin(), spared.end(), id) != spared.end();
        if (kept < keep || is_needed) {
            ++kept;
            continue;
        }
        remove(id);
        gone.push_back(id);
    }
    return gone;
}

void ReleaseStore::require_space(std::uint64_t bytes, std::uint64_t entries) const {
    struct statvfs info {};
    if (statvfs(releases().c_str(), &info) != 0) {
        throw SystemError::from_errno("cannot look at " + releases());
    }
    const std::uint64_t size = std::uint64_t{info.f_blocks} * info.f_frsize;
    const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
    const auto wanted = bytes + std::min(size / 20, most_reserved);
    if (free < wanted) {
        throw SystemError("not enough space in " + releases() + ": " + std::to_string(free >> 20) +
                          " MiB are free, and " + std::to_string((wanted >> 20) + 1) + " MiB are to be");
    }
    // Those that make inodes as they go (btrfs) say 0.
    const auto wanted_inodes = entries + std::min(std::uint64_t{info.f_files} / 20, most_reserved_inodes);
    if (info.f_files != 0 && info.f_favail < wanted_inodes) {
        throw SystemError("not enough inodes in " + releases() + ": " + std::to_string(info.f_favail) +
                          " are free, and " + std::to_string(wanted_inodes) + " are to be");
    }
}

}  // namespace twinctl
