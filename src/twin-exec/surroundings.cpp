// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twin-exec/surroundings.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "core/files.hpp"
#include "core/record.hpp"
#include "core/words.hpp"

namespace twinctl {

namespace {

constexpr char oom_score[] = "/proc/self/oom_score_adj";
constexpr int ioprio_who_process = 1;  // ioprio_get(2): the C library has no name for it

/// As the kernel has it (struct rlimit64), whatever the C library's types are.
struct Limit {
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
};

std::string limits_text() {
    std::string text;
    for (int which = 0; which < RLIM_NLIMITS; ++which) {
        Limit limit;
        syscall(SYS_prlimit64, 0, which, nullptr, &limit);
        text += (text.empty() ? "" : ",") + std::to_string(limit.soft) + "/" + std::to_string(limit.hard);
    }
    return text;
}

/// The number that TEXT begins with, which is taken away from it together with the character after it.
template <typename Number>
std::optional<Number> take_number(std::string_view& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return {};
    }
    const auto used = static_cast<std::size_t>(end - text.data());
    text.remove_prefix(used < text.size() ? used + 1 : used);
    return number;
}

/// By their numbers (asm-generic/resource.h), as getrlimit(2) has them without RLIMIT_.
constexpr const char* limit_names[] = {"CPU",     "FSIZE", "DATA", "STACK", "CORE",       "RSS",      "NPROC", "NOFILE",
                                       "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};

std::string take_limits(std::string_view text) {
    std::string refused;
    for (int which = 0; which < RLIM_NLIMITS; ++which) {
        const auto soft = take_number<std::uint64_t>(text);
        const auto hard = take_number<std::uint64_t>(text);
        if (!soft || !hard) {
            break;
        }
        const Limit limit{*soft, *hard};
        if (syscall(SYS_prlimit64, 0, which, &limit, nullptr) != 0) {
            refused += std::string(refused.empty() ? "" : ", ") + "RLIMIT_" + limit_names[which];
        }
    }
    return refused;
}

std::string cpus_text() {
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
        return {};
    }
    std::string text;
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &cpus)) {
            text += (text.empty() ? "" : ",") + std::to_string(cpu);
        }
    }
    return text;
}

bool take_cpus(std::string_view text) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    while (const auto cpu = take_number<std::size_t>(text)) {
        if (*cpu < CPU_SETSIZE) {
            CPU_SET(*cpu, &cpus);
        }
    }
    return sched_setaffinity(0, sizeof cpus, &cpus) == 0;
}

/// Returns the name of what could not be taken.
std::string take(std::string_view name, std::string_view value) {
    bool taken = true;
    if (name == "limits") {
        return take_limits(value);
    }
    if (name == "nice") {
        const auto nice = take_number<int>(value);
        taken = !nice || setpriority(PRIO_PROCESS, 0, *nice) == 0;
    } else if (name == "ionice") {
        const auto priority = take_number<int>(value);
        taken = !priority || syscall(SYS_ioprio_set, ioprio_who_process, 0, *priority) == 0;
    } else if (name == "oom") {
        const Fd file(open(oom_score, O_WRONLY | O_CLOEXEC));
        taken = !file || write(file.get(), value.data(), value.size()) >= 0;
    } else if (name == "cpus") {
        taken = take_cpus(value);
    }
    return taken ? "" : std::string(name);
}

/// Takes over what TEXT says, as own_surroundings() wrote it, but for the words in KEEP. Returns what the kernel refused.
std::string take_surroundings(std::string_view text, std::string_view keep) {
    std::string refused;
    const auto kept = blank_separated(keep);
    for (const auto word : blank_separated(text)) {
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        if (equals != std::string_view::npos && std::find(kept.begin(), kept.end(), name) == kept.end()) {
            const auto what = take(name, word.substr(equals + 1));
            refused += (refused.empty() || what.empty() ? "" : ", ") + what;
        }
    }
    return refused;
}

}  // namespace

std::string own_surroundings() {
    std::string text = "limits=" + limits_text();
    errno = 0;
    if (const int nice = getpriority(PRIO_PROCESS, 0); errno == 0) {
        text += " nice=" + std::to_string(nice);
    }
    if (const long priority = syscall(SYS_ioprio_get, ioprio_who_process, 0); priority >= 0) {
        text += " ionice=" + std::to_string(priority);
    }
    if (auto score = read_file_if_any(oom_score)) {
        text += " oom=" + score->substr(0, score->find('\n'));
    }
    if (const auto cpus = cpus_text(); !cpus.empty()) {
        text += " cpus=" + cpus;
    }
    return text;
}

std::string settle(const Options& options, const Layout& layout, const std::optional<Record>& before) {
    if (before && before->supervisor != 0 && before->supervisor == getppid()) {
        return take_surroundings(before->surroundings, "");
    }
    const auto sibling = read_serving_record(layout, options.twin.sibling());
    if (!sibling) {
        return {};
    }
    return take_surroundings(sibling->surroundings, options.own);
}

}  // namespace twinctl
