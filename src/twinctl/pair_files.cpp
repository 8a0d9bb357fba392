// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/pair_files.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <optional>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/names.hpp"
#include "twinctl/render.hpp"
#include "twinctl_version.hpp"

namespace twinctl {

namespace {

constexpr char sum_key[] = "# sum of the lines above, for twinctl install: ";

std::string rendered_mark(const std::string& pair) {
    return "Rendered by twinctl for " + pair;
}

bool is_regular(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

bool has_mode(const std::string& path, mode_t mode) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && (info.st_mode & 07777) == mode;
}

bool is_own_script(const std::string& path, const std::string& pair) {
    return is_regular(path) &&
           read_file_if_any(path).value_or("").find("# " + rendered_mark(pair) + "\n") !=
               std::string::npos;
}

bool is_own_link(const std::string& path, const std::string& pair) {
    return link_target(path) == pair;
}

[[noreturn]] void refuse_foreign(const std::string& path, const std::string& what) {
    throw InputError(path + " is there already and " + what + "; give the pair another name, or --force replaces it");
}

void require_no_directory(const std::string& path) {
    struct stat info {};
    if (lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
        throw InputError(path + " is a directory");
    }
}

/// What is larger is a log, which is removed last and not brought back.
constexpr off_t largest_kept = 16 << 20;

/// What stands at a path: a file, a link, nothing (to be removed again), or what is kept in any case.
FileChange as_it_is(const std::string& path) {
    if (const auto target = link_target(path)) {
        return {FileChange::Kind::Link, path, *target, 0, {}};
    }
    struct stat info {};
    if (is_regular(path) && stat(path.c_str(), &info) == 0 && info.st_size <= largest_kept) {
        return {FileChange::Kind::Write, path, read_file(path), info.st_mode & 07777, {}};
    }
    return {is_there(path) ? FileChange::Kind::Keep : FileChange::Kind::Remove, path, {}, 0, {}};
}

/// Where the script that install --force has replaced is kept.
std::string replaced_script(const Layout& layout, const std::string& pair) {
    return layout.state(pair) + "/replaced";
}

void plan_script(std::vector<FileChange>& changes, const Layout& layout, const std::string& pair,
                 std::string content, bool force) {
    const auto path = layout.initscript(pair);
    require_no_directory(path);
    if (is_regular(path) && read_file_if_any(path) == content && has_mode(path, 0755)) {
        changes.push_back({FileChange::Kind::Keep, path, {}, 0, {}});
        return;
    }
    if (is_there(path) && !is_own_script(path, pair)) {
        if (!force) {
            refuse_foreign(path, "was not written by twinctl for this pair");
        }
        if (auto present = as_it_is(path); present.kind != FileChange::Kind::Keep) {
            present.path = replaced_script(layout, pair);
            present.note = path + " is replaced; uninstall puts it back";
            changes.push_back(std::move(present));
        }
    }
    changes.push_back({FileChange::Kind::Write, path, std::move(content), 0755, {}});
}

FileChange plan_link(const std::string& path, const std::string& pair, bool force) {
    require_no_directory(path);
    if (is_own_link(path, pair)) {
        return {FileChange::Kind::Keep, path, {}, 0, {}};
    }
    // A copy of the script in the place of the link was the link before: `sed -i` and rsync -L do that.
    if (is_there(path) && !is_own_script(path, pair) && !force) {
        refuse_foreign(path, "is no link to " + pair);
    }
    return {FileChange::Kind::Link, path, pair, 0, {}};
}

FileChange plan_conf(const std::string& path, const std::string& pair, const ConfLines& lines) {
    require_no_directory(path);
    const auto content = conf_text(pair, lines);
    const auto present = read_file_if_any(path);
    if (present && (lines.empty() || *present == content)) {
        return {FileChange::Kind::Keep, path, {}, 0, {}};
    }
    if (!present || is_unedited(*present)) {
        return {FileChange::Kind::Write, path, content, 0644, {}};
    }
    const auto note = path + " has been edited and stays as it is: what was asked for is not taken over";
    if (read_file_if_any(path + ".new") == content) {
        return {FileChange::Kind::Keep, path + ".new", {}, 0, note};
    }
    return {FileChange::Kind::Write, path + ".new", content, 0644, note};
}

/// As rc-update makes it, which knows no image.
FileChange plan_runlevel(const Layout& layout, const std::string& pair, const std::string& level) {
    const auto directory = layout.root + "/etc/runlevels/" + level;
    struct stat info {};
    if (level.empty() || level[0] == '.' || level.find('/') != std::string::npos ||
        stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        throw InputError("there is no runlevel '" + printable(level) + "' in " + layout.root + "/etc/runlevels");
    }
    const auto path = directory + "/" + pair;
    const auto target = "/etc/init.d/" + pair;
    if (link_target(path) == target) {
        return {FileChange::Kind::Keep, path, {}, 0, {}};
    }
    require_no_directory(path);
    return {FileChange::Kind::Link, path, target, 0, {}};
}

void add_directory(const std::string& path, std::vector<FileChange>& changes) {
    if (DIR* dir = opendir(path.c_str())) {
        while (const dirent* entry = readdir(dir)) {
            const std::string name = entry->d_name;
            if (name != "." && name != "..") {
                changes.push_back({FileChange::Kind::Remove, path + "/" + name, {}, 0, {}});
            }
        }
        closedir(dir);
        changes.push_back({FileChange::Kind::Remove, path, {}, 0, {}});
    }
}

void remove_path(const std::string& path) {
    if (remove(path.c_str()) != 0 && errno != ENOENT) {
        throw SystemError::from_errno("cannot remove " + path);
    }
    // What was made for the first pair goes with the last.
    for (const auto* shared : {"/run/twin", "/var/lib/twin", "/var/log/twin"}) {
        const auto directory = path.substr(0, path.rfind('/'));
        if (directory.ends_with(shared)) {
            rmdir(directory.c_str());
        }
    }
}

void make_link(const std::string& path, const std::string& target) {
    const auto temporary = path + ".tmp" + std::to_string(getpid());
    make_directories(path.substr(0, path.rfind('/')));
    unlink(temporary.c_str());
    if (symlink(target.c_str(), temporary.c_str()) != 0 ||
        rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        unlink(temporary.c_str());
        throw SystemError::from_errno("cannot make the link " + path, error);
    }
}

}  // namespace

Installation find_installation() {
    const auto self = link_target("/proc/self/exe").value_or("/usr/sbin/twinctl");
    const auto directory = self.substr(0, self.rfind('/'));
    const auto prefix = directory.substr(0, directory.rfind('/'));
    return {self, directory + "/twin-exec", prefix + "/" TWINCTL_DATADIR "/twinctl/service.example"};
}

std::string render_initscript(const std::string& text, const std::string& pair,
                              const Installation& installation) {
    return render(text, {{"mark", rendered_mark(pair)},
                         {"twin_exec", shell_quoted(installation.twin_exec)},
                         {"twinctl", shell_quoted(installation.twinctl)}});
}

std::vector<FileChange> plan_install(const Layout& layout, const Installation& installation,
                                     const std::string& pair, const InstallWish& wish) {
    const auto script = render_initscript(read_file(installation.service_template), pair, installation);
    std::vector<FileChange> changes;
    // The configuration first: the links make twins of the script, and those read it.
    changes.push_back(plan_conf(layout.conf(pair), pair, wish.lines));
    plan_script(changes, layout, pair, script, wish.force);
    changes.push_back(plan_link(layout.initscript(pair + ".0"), pair, wish.force));
    changes.push_back(plan_link(layout.initscript(pair + ".1"), pair, wish.force));
    for (const auto& level : wish.runlevels) {
        changes.push_back(plan_runlevel(layout, pair, level));
    }
    return changes;
}

std::vector<FileChange> plan_uninstall(const Layout& layout, const std::string& pair, bool purge) {
    std::vector<FileChange> changes;
    const auto remove = [&](const std::string& path) {
        changes.push_back({FileChange::Kind::Remove, path, {}, 0, {}});
    };
    for (const auto* suffix : {".0", ".1"}) {
        if (const auto link = layout.initscript(pair + suffix); is_own_link(link, pair)) {
            remove(link);
        }
    }
    const auto script = layout.initscript(pair);
    if (is_own_script(script, pair)) {
        if (auto before = as_it_is(replaced_script(layout, pair)); before.kind != FileChange::Kind::Remove) {
            before.path = script;
            before.note = "as it was before install --force";
            changes.push_back(std::move(before));
        } else {
            remove(script);
        }
    } else if (is_there(script)) {
        throw InputError(script + " was not written by twinctl for this pair; nothing was removed");
    }
    const auto conf = layout.conf(pair);
    if (const auto text = read_file_if_any(conf)) {
        if (purge || is_unedited(*text)) {
            remove(conf);
        } else {
            changes.push_back({FileChange::Kind::Keep, conf, {}, 0, "edited; --purge removes it"});
        }
    }
    if (exists(conf + ".new")) {
        remove(conf + ".new");
    }
    add_directory(layout.run(pair), changes);
    add_directory(layout.state(pair), changes);
    for (const auto& log : {layout.ledger(pair), layout.output({pair, 0}), layout.output({pair, 1})}) {
        if (exists(log)) {
            if (purge || log == layout.ledger(pair)) {
                remove(log);
            } else {
                changes.push_back({FileChange::Kind::Keep, log, {}, 0, "a log; --purge removes it"});
            }
        }
    }
    return changes;
}

namespace {

void apply_one(const FileChange& change) {
    switch (change.kind) {
        case FileChange::Kind::Write:
            write_file(change.path, change.content, change.mode, Durability::Boot);
            break;
        case FileChange::Kind::Link: make_link(change.path, change.content); break;
        case FileChange::Kind::Remove: remove_path(change.path); break;
        case FileChange::Kind::Keep: break;
    }
}

}  // namespace

const char* to_string(FileChange::Kind kind) {
    switch (kind) {
        case FileChange::Kind::Write: return "write";
        case FileChange::Kind::Link: return "link";
        case FileChange::Kind::Remove: return "remove";
        case FileChange::Kind::Keep: return "keep";
    }
    return "";
}

bool any_change(const std::vector<FileChange>& changes) {
    return std::any_of(changes.begin(), changes.end(), [](const FileChange& change) {
        return change.kind != FileChange::Kind::Keep;
    });
}

void apply(const std::vector<FileChange>& changes) {
    std::vector<FileChange> before;
    try {
        for (const auto& change : changes) {
            before.push_back(as_it_is(change.path));
            apply_one(change);
        }
    } catch (...) {
        // The last one first. What fails now would have failed before.
        for (auto change = before.rbegin(); change != before.rend(); ++change) {
            try {
                apply_one(*change);
            } catch (const SystemError&) {
            }
        }
        throw;
    }
}

std::string conf_text(const std::string& pair, const ConfLines& lines) {
    std::string text = "# /etc/conf.d/" + pair + ": the settings of " + pair + ", " + pair +
                       ".0 and " + pair + ".1; see twin.conf(5).\n";
    for (const auto& [key, value] : lines) {
        text += key + "=" + shell_quoted(value) + "\n";
    }
    return text + sum_key + hash_of(text) + "\n";
}

bool is_unedited(const std::string& text) {
    const auto at = text.rfind(sum_key);
    return at != std::string::npos &&
           text.substr(at) == sum_key + hash_of(text.substr(0, at)) + "\n";
}

}  // namespace twinctl
