// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "core/layout.hpp"

namespace twinctl {

/// Where twinctl itself is installed, found from the running program: nothing is compiled in, so
/// that the same build works under another prefix.
struct Installation {
    std::string twinctl;
    std::string twin_exec;
    std::string service_template;
};

Installation find_installation();

/// The initscript of PAIR out of TEXT, its template. Throws InputError where that is another one.
std::string render_initscript(const std::string& text, const std::string& pair,
                              const Installation& installation);

/// What install puts in place, in this order.
struct FileChange {
    enum class Kind { Write, Link, Remove, Keep } kind = Kind::Keep;
    std::string path;
    std::string content;  ///< of a file, or where a link leads
    mode_t mode = 0644;
    std::string note;     ///< why, where that is worth a word
};

const char* to_string(FileChange::Kind kind);

/// True if at least one of CHANGES writes, links or removes a file.
bool any_change(const std::vector<FileChange>& changes);

/// Keys and values for a new /etc/conf.d/NAME, in order.
using ConfLines = std::vector<std::pair<std::string, std::string>>;

/// How a pair is to be installed.
struct InstallWish {
    ConfLines lines;
    std::vector<std::string> runlevels;  ///< to be added to
    bool force = false;                  ///< replace what is somebody else's; a script is kept for uninstall
};

/// What installing PAIR would change; Keep where a file is as it should be. Throws InputError
/// where something of somebody else's is in the way, unless forced, and for a runlevel that is none.
std::vector<FileChange> plan_install(const Layout& layout, const Installation& installation,
                                     const std::string& pair, const InstallWish& wish);

/// What uninstalling PAIR would remove, and put back. Edited configuration and logs stay unless PURGE.
std::vector<FileChange> plan_uninstall(const Layout& layout, const std::string& pair, bool purge);

/// Does it, each file in one rename. Throws SystemError, and then everything is as it was, as far as
/// that can be done: a directory that was removed does not come back.
void apply(const std::vector<FileChange>& changes);

/// The content of conf.d/NAME, with a sum by which an unedited one is known.
std::string conf_text(const std::string& pair, const ConfLines& lines);

/// Whether TEXT is a conf_text that nobody has edited.
bool is_unedited(const std::string& text);

}  // namespace twinctl
