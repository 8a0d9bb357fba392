// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "process_facts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <set>
#include <system_error>

extern char** environ; // NOLINT: POSIX has the program declare it

namespace twinctl {

namespace {

std::string command_line()
{
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

std::string status_lines()
{
    std::ifstream file("/proc/self/status");
    std::string chosen;
    for (std::string line; std::getline(file, line);) {
        for (const char* prefix : {"PPid:", "Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:",
                                   "Umask:", "SigBlk:", "SigIgn:", "SigCgt:"}) {
            if (line.starts_with(prefix)) {
                chosen += line + '\n';
            }
        }
    }
    return chosen;
}

std::string open_descriptors()
{
    std::set<int> numbers;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failure)) {
        numbers.insert(std::stoi(entry.path().filename().string()));
    }
    std::string text;
    for (const int number : numbers) {
        // The listing shows the descriptor that it used itself, which is closed by now.
        if (::fcntl(number, F_GETFD) >= 0) {
            text += ' ' + std::to_string(number);
        }
    }
    return text;
}

} // namespace

std::string describe_process()
{
    std::error_code failure;
    std::string text = "cwd: " + std::filesystem::current_path(failure).string() + '\n';
    text += "command: " + command_line() + '\n';
    text += "uid: " + std::to_string(::getuid()) + " effective " + std::to_string(::geteuid());
    text += "\ngid: " + std::to_string(::getgid()) + " effective " + std::to_string(::getegid());
    text += "\nfds:" + open_descriptors() + '\n';
    text += status_lines() + '\n';
    for (char** variable = environ; *variable != nullptr; ++variable) {
        text += std::string(*variable) + '\n';
    }
    return text;
}

} // namespace twinctl
