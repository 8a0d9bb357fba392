// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/upload.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>  // IWYU pragma: keep (the numbers that glibc has no name for)
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/names.hpp"
#include "core/release.hpp"
#include "twinctl/sha256.hpp"

namespace twinctl {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_entries = 200000;
constexpr std::size_t most_depth = 64;
constexpr int most_tries = 1000;
constexpr std::size_t most_faults = 10;
constexpr std::size_t longest_manifest = std::size_t{64} << 20;
constexpr std::size_t chunk = std::size_t{128} * 1024;

struct Entry {
    std::string path;  ///< below the root
    std::string name;
    int directory;     ///< a descriptor of the one it is in
    struct stat info;
};

SystemError cannot(const std::string& what, const std::string& path) {
    return SystemError::from_errno("cannot " + what + " " + printable(path));
}

Fd open_directory(int at, const std::string& name) {
    return Fd(openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// PATH, or where no link on the way there leads: those who upload could have made one.
Fd open_upload(const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS;
    // glibc before 2.32 has the kernel's name of the call only.
    Fd fd(static_cast<int>(syscall(__NR_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
    if (!fd && errno == ELOOP) {
        throw SystemError("cannot read " + printable(path) + ": there is a symbolic link on the way, name where it leads");
    }
    if (!fd) {
        throw cannot("read", path);
    }
    return fd;
}

/// At most MOST of them.
std::vector<std::string> names_in(const Fd& directory, const std::string& path, std::size_t most) {
    DIR* stream = fdopendir(fcntl(directory.get(), F_DUPFD_CLOEXEC, 0));
    if (stream == nullptr) {
        throw cannot("read", path);
    }
    std::vector<std::string> names;
    while (const dirent* entry = readdir(stream)) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") {
            names.push_back(name);
        }
        if (names.size() >= most) {
            break;
        }
    }
    closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
}

/// Calls VISIT for each entry, parents first, in the order of names; it goes into the directories
/// for which that says true. What vanishes meanwhile is not there. LEFT: how many names are read, of
/// all directories together.
void walk(const Fd& directory, const std::string& path, std::size_t& left,
          const std::function<bool(const Entry&)>& visit) {
    const auto names = names_in(directory, path, left);
    left -= names.size();
    for (const auto& name : names) {
        Entry entry{path.empty() ? name : path + "/" + name, name, directory.get(), {}};
        if (fstatat(directory.get(), name.c_str(), &entry.info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) {
                continue;
            }
            throw cannot("look at", entry.path);
        }
        if (!visit(entry) || !S_ISDIR(entry.info.st_mode)) {
            continue;
        }
        if (const auto below = open_directory(directory.get(), name)) {
            walk(below, entry.path, left, visit);
        } else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
            throw cannot("read", entry.path);
        }
    }
}

const char* type_of(mode_t mode) {
    return S_ISFIFO(mode)   ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISCHR(mode)  ? "a character device"
           : S_ISBLK(mode)  ? "a block device"
                            : "of an unknown type";
}

bool is_odd(const std::string& name) {
    return std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
    });
}

/// Reads one upload.
class Reader {
public:
    Reader(const std::string& source, std::string target, std::uint64_t most_bytes)
        : source_(source), root_(open_upload(source)), target_(std::move(target)),
          most_bytes_(most_bytes) {
        if (fstat(root_.get(), &info_) != 0) {
            throw cannot("read", source);
        }
    }

    Upload run() {
        auto left = most_entries + 1;
        walk(root_, "", left, [this](const Entry& entry) { return take(entry); });
        if (target_.empty()) {
            check_links(root_);
        } else {
            check_links(open_directory(AT_FDCWD, target_));
        }
        upload_.content = sum_.hex();
        upload_.sealed = Sha256::of(upload_.content + upload_.manifest);
        return std::move(upload_);
    }

private:
    void fault(const std::string& path, const std::string& why) {
        if (upload_.faults.size() < most_faults) {
            upload_.faults.push_back(printable(path) + " " + why);
        }
    }

    bool take(const Entry& entry) {
        if (++entries_ > most_entries) {
            if (entries_ == most_entries + 1) {
                fault(entry.path, "is one of more than " + std::to_string(most_entries) + " entries");
            }
            return false;
        }
        const auto& info = entry.info;
        if (is_odd(entry.name)) {
            fault(entry.path, "has a backslash or a control character in its name");
            note("odd", entry.path, "");
            return false;
        }
        if (entry.path.size() >= PATH_MAX / 2 ||
            static_cast<std::size_t>(std::count(entry.path.begin(), entry.path.end(), '/')) >= most_depth) {
            fault(entry.path, "is too deep");
            note("deep", entry.path, "");
            return false;
        }
        if (info.st_uid != info_.st_uid) {
            // It may be somebody's secret, of another name: not read, let alone copied.
            fault(entry.path, "belongs to uid " + std::to_string(info.st_uid) + ", and the upload to uid " +
                                  std::to_string(info_.st_uid));
            note("foreign", entry.path, "");
            return false;
        }
        if (!S_ISLNK(info.st_mode) && (info.st_mode & (S_ISUID | S_ISGID)) != 0 &&
            !(S_ISDIR(info.st_mode) && (info.st_mode & S_ISUID) == 0)) {
            fault(entry.path, "has a set-user-ID or set-group-ID bit");
            note("set-id", entry.path, "");
        }
        if (S_ISDIR(info.st_mode)) {
            take_directory(entry);
            return true;
        }
        if (S_ISLNK(info.st_mode)) {
            take_link(entry);
        } else if (S_ISREG(info.st_mode)) {
            take_file(entry);
        } else {
            fault(entry.path, std::string("is ") + type_of(info.st_mode));
            note("special", entry.path, std::to_string(info.st_mode & S_IFMT));
        }
        return false;
    }

    /// An entry of the sum. Names have no newline here, and no NUL.
    void note(const std::string& type, const std::string& path, const std::string& value) {
        sum_.add(type + "\n" + path + "\n" + value + "\n");
    }

    std::string copy_of(const Entry& entry) const { return target_ + "/" + entry.path; }

    void take_directory(const Entry& entry) {
        note("directory", entry.path, "");
        if (!target_.empty()) {
            make_directories(copy_of(entry));
        }
    }

    void take_link(const Entry& entry) {
        char text[PATH_MAX];
        const auto length = readlinkat(entry.directory, entry.name.c_str(), text, sizeof text);
        if (length < 0) {
            throw cannot("read", entry.path);
        }
        const std::string leads_to(text, static_cast<std::size_t>(length));
        if (is_odd(leads_to)) {
            fault(entry.path, "leads to a name with a backslash or a control character");
        } else if (leads_to.starts_with("/")) {
            fault(entry.path, "is a link out of the release");
        }
        note("link", entry.path, Sha256::of(leads_to));
        if (!target_.empty() && symlink(leads_to.c_str(), copy_of(entry).c_str()) != 0) {
            throw cannot("make", copy_of(entry));
        }
        links_.push_back(entry.path);
    }

    void take_file(const Entry& entry) {
        // It may have become anything since it was looked at: not followed, not waited for.
        const Fd from(openat(entry.directory, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat info {};
        if (!from || fstat(from.get(), &info) != 0) {
            throw cannot("read", source_ + "/" + entry.path);
        }
        if (!S_ISREG(info.st_mode) || info.st_ino != entry.info.st_ino || info.st_uid != entry.info.st_uid) {
            fault(entry.path, "was another file a moment before");
            return;
        }
        if (static_cast<std::uint64_t>(info.st_size) > most_bytes_ - upload_.bytes) {
            too_large(entry);
            return;
        }
        const bool runs = (info.st_mode & S_IXUSR) != 0;
        Fd to;
        if (!target_.empty()) {
            to = Fd(open(copy_of(entry).c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
            if (!to) {
                throw cannot("write", copy_of(entry));
            }
        }
        const auto sum = copy(entry, from, to);
        if (entry.path != manifest_name) {
            note(runs ? "program" : "file", entry.path, sum);
        }
        upload_.files[entry.path] = sum;
        if (to) {
            const timespec times[2] = {info.st_mtim, info.st_mtim};
            if (fchmod(to.get(), runs ? 0755 : 0644) != 0 || futimens(to.get(), times) != 0) {
                throw cannot("write", copy_of(entry));
            }
        }
    }

    void too_large(const Entry& entry) {
        fault(entry.path, "makes the upload larger than " + std::to_string(most_bytes_ >> 20) +
                              " MiB (twin_upload_max)");
        note("large", entry.path, "");
    }

    /// What is read is what is copied: FROM may change at any moment.
    std::string copy(const Entry& entry, const Fd& from, const Fd& to) {
        const bool cloned = to && ioctl(to.get(), FICLONE, from.get()) == 0;
        const int source = cloned ? to.get() : from.get();
        Sha256 sum;
        const bool is_manifest = entry.path == manifest_name;
        for (;;) {
            const auto got = read(source, buffer_.data(), buffer_.size());
            if (got < 0) {
                throw cannot("read", entry.path);
            }
            if (got == 0) {
                return sum.hex();
            }
            const std::string_view piece(buffer_.data(), static_cast<std::size_t>(got));
            upload_.bytes += piece.size();
            if (upload_.bytes > most_bytes_) {
                too_large(entry);
                return sum.hex();
            }
            sum.add(piece);
            if (is_manifest && upload_.manifest.size() < longest_manifest) {
                upload_.manifest += piece;
            }
            if (to && !cloned) {
                write_all(to, piece, copy_of(entry));
            }
        }
    }

    static void write_all(const Fd& to, std::string_view piece, const std::string& path) {
        while (!piece.empty()) {
            const auto written = write(to.get(), piece.data(), piece.size());
            if (written < 0) {
                throw cannot("write", path);
            }
            piece.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    /// The kernel says whether a link stays inside; of the copy, where there is one: that does not
    /// change any more.
    void check_links(const Fd& root) {
        for (const auto& path : links_) {
            open_how how{};
            how.flags = O_PATH | O_CLOEXEC;
            how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
            Fd fd;
            // EAGAIN: whoever renames anything on this machine makes the kernel unsure.
            for (int tries = 0; !fd && tries < most_tries && (tries == 0 || errno == EAGAIN); ++tries) {
                fd = Fd(static_cast<int>(syscall(__NR_openat2, root.get(), path.c_str(), &how, sizeof how)));
            }
            if (!fd && errno == EXDEV) {
                fault(path, "is a link out of the release");
            } else if (!fd && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
                throw cannot("follow", path);
            }
        }
    }

    std::string source_;
    Fd root_;
    struct stat info_ {};
    std::string target_;
    std::uint64_t most_bytes_;
    std::size_t entries_ = 0;
    Upload upload_;
    Sha256 sum_;
    std::vector<std::string> links_;
    std::string buffer_ = std::string(chunk, '\0');
};

bool is_sum(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::vector<Arrival> arrivals(const std::string& directory, bool by_rename) {
    std::vector<Arrival> found;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        const auto id = at->path().filename().string();
        const auto path = at->path().string();
        const auto manifest = path + "/" + manifest_name;
        if (why_no_release_id(id).empty() && is_directory(path) && (by_rename || is_there(manifest))) {
            // st_ctime: the uploader sets the other times as it likes.
            found.push_back({id, std::max(changed_ns(path), changed_ns(manifest))});
        }
    }
    std::sort(found.begin(), found.end(), [](const Arrival& a, const Arrival& b) {
        return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.id > b.id;
    });
    return found;
}

UploadStamp stamp_of(const std::string& directory) {
    const auto root = open_upload(directory);
    struct stat info {};
    if (fstat(root.get(), &info) != 0) {
        throw cannot("read", directory);
    }
    UploadStamp stamp;
    stamp.changed_ns = changed_ns(info);
    auto left = most_entries + 1;
    walk(root, "", left, [&](const Entry& entry) {
        ++stamp.entries;
        stamp.bytes += static_cast<std::uint64_t>(entry.info.st_size);
        stamp.changed_ns = std::max(stamp.changed_ns, changed_ns(entry.info));
        return static_cast<std::size_t>(std::count(entry.path.begin(), entry.path.end(), '/')) < most_depth;
    });
    return stamp;
}

Upload take_over(const std::string& source, const std::string& target, std::uint64_t most_bytes) {
    return Reader(source, target, most_bytes).run();
}

std::string why_not_whole(const Upload& upload) {
    std::map<std::string, std::string> left = upload.files;
    left.erase(manifest_name);
    std::string_view text = upload.manifest;
    if (text.empty()) {
        return std::string(manifest_name) + " is empty";
    }
    for (int number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.size() < 67 || !is_sum(line.substr(0, 64)) || line[64] != ' ' ||
            (line[65] != ' ' && line[65] != '*')) {
            return std::string(manifest_name) + ", line " + std::to_string(number) +
                   ", is not as sha256sum prints it";
        }
        std::string path(line.substr(66));
        if (path.starts_with("./")) {
            path.erase(0, 2);
        }
        if (path == manifest_name) {
            continue;
        }
        const auto found = upload.files.find(path);
        if (found == upload.files.end()) {
            return printable(path) + " is in " + manifest_name + " and has not come";
        }
        if (found->second != line.substr(0, 64)) {
            return printable(path) + " is not what " + manifest_name + " says";
        }
        left.erase(path);
    }
    return left.empty() ? "" : printable(left.begin()->first) + " is not in " + manifest_name;
}

}  // namespace twinctl
