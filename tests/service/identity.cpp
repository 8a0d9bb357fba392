// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "identity.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "unique_fd.hpp"

namespace twinctl {

namespace {

void write_whole(int fd, const std::string& text)
{
    // Nobody is left to be told when the place for reports can't be written to.
    if (::write(fd, text.data(), text.size()) < 0) {
        return;
    }
}

} // namespace

std::string Identity::describe() const
{
    return "version=" + version + " twin=" + twin + " pid=" + std::to_string(::getpid());
}

void Identity::log(std::string_view text) const
{
    std::string line = "parityd " + twin + " version " + version + " pid ";
    line += std::to_string(::getpid());
    line += ": ";
    line += text;
    line += '\n';
    write_whole(STDERR_FILENO, line);
}

void Identity::append_count(std::uint64_t answered) const
{
    const char* path = std::getenv("PARITYD_COUNT_FILE");
    if (path == nullptr || *path == '\0') {
        return;
    }
    const UniqueFd file(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!file.valid()) {
        log(std::string("cannot open count file ") + path);
        return;
    }
    write_whole(file.get(), twin + ' ' + version + ' ' + std::to_string(::getpid()) + ' ' +
                                std::to_string(answered) + '\n');
}

} // namespace twinctl
