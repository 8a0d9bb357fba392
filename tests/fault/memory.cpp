// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "memory.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <string_view>

namespace twinctl {

namespace {

constexpr std::uint64_t page = 4096;

std::size_t copy(pid_t pid, std::uint64_t address, void* to, std::size_t size) {
    iovec local{to, size};
    // The address is another process's; here it is but a number.
    iovec remote{reinterpret_cast<void*>(address), size};
    const auto n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
}

}  // namespace

std::string string_in(pid_t pid, std::uint64_t address) {
    std::string text;
    char buffer[page];
    while (text.size() < page) {
        // Not across a page: the next one may not be there.
        const auto here = address + text.size();
        const auto n = copy(pid, here, buffer, page - here % page);
        const std::string_view found(buffer, n);
        text += found.substr(0, found.find('\0'));
        if (n == 0 || found.find('\0') != std::string_view::npos) {
            break;
        }
    }
    return text;
}

std::uint64_t word_in(pid_t pid, std::uint64_t address) {
    std::uint64_t word = 0;
    return copy(pid, address, &word, sizeof word) == sizeof word ? word : 0;
}

std::string link_of(pid_t pid, const std::string& name) {
    char target[page];
    const auto path = "/proc/" + std::to_string(pid) + "/" + name;
    const auto length = readlink(path.c_str(), target, sizeof target);
    return length < 0 ? std::string() : std::string(target, static_cast<std::size_t>(length));
}

}  // namespace twinctl
