// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/places.hpp"

#include <sys/stat.h>

#include <utility>

#include "core/names.hpp"

namespace twinctl {

namespace {

bool leads_to_directory(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

/// Of a file's path; empty for one in / or in none.
std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

std::string why_no_place(const Layout& layout, const Config& config) {
    const std::pair<const char*, std::string> places[] = {{"directory", config.directory},
                                                          {"output_log", directory_of(config.output_log)},
                                                          {"error_log", directory_of(config.error_log)}};
    for (const auto& [key, place] : places) {
        // That of the logs nobody has set is made by the start.
        if (!place.empty() && place != layout.logs() && !leads_to_directory(place)) {
            return std::string(key) + ": there is no directory " + printable(place);
        }
    }
    return {};
}

}  // namespace twinctl
