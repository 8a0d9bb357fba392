// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/program.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

namespace twinctl {

bool is_program(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
}

std::optional<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return is_program(name) ? std::optional(name) : std::nullopt;
    }
    const char* path = std::getenv("PATH");
    std::string directories = path != nullptr ? path : "";
    directories += ":/usr/sbin:/usr/bin:/sbin:/bin";
    std::size_t begin = 0;
    while (begin < directories.size()) {
        const auto end = std::min(directories.find(':', begin), directories.size());
        const auto candidate = directories.substr(begin, end - begin) + "/" + name;
        // One that is not absolute depends on where we stand.
        if (candidate.front() == '/' && end > begin && is_program(candidate)) {
            return candidate;
        }
        begin = end + 1;
    }
    return {};
}

}  // namespace twinctl
