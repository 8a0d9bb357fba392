// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "directory.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <system_error>

#include "core/files.hpp"
#include "input.hpp"

namespace twinctl::fuzz {

Directory::Directory() {
    char path[] = "/tmp/twinctl-fuzz.XXXXXX";
    require(mkdtemp(path) != nullptr, "there is a directory to work in");
    layout_.root = path;
    layout_.svcdir = layout_.root + "/run/openrc";
}

Directory::~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(layout_.root, ignored);
}

void Directory::write(const std::string& file, std::string_view content) const {
    make_directories(file.substr(0, file.rfind('/')));
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

bool Directory::empty() const {
    return std::filesystem::is_empty(layout_.root);
}

}  // namespace twinctl::fuzz
