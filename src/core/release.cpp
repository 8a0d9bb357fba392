// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/release.hpp"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>

#include "core/error.hpp"
#include "core/layout.hpp"
#include "core/names.hpp"
#include "core/trust.hpp"

namespace twinctl {

namespace {

constexpr std::size_t longest_id = 128;
constexpr char up[] = "../releases/";

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string why_no_release_id(const std::string& text) {
    if (text.empty()) {
        return "it is empty";
    }
    if (text.size() > longest_id) {
        return "it is longer than " + std::to_string(longest_id) + " characters";
    }
    if (!is_alphanumeric(text.front())) {
        return "it must begin with a letter or a digit";
    }
    for (const char c : text) {
        if (!is_alphanumeric(c) && std::string_view("._+~-").find(c) == std::string_view::npos) {
            return "only letters, digits and . _ + ~ - can be in it";
        }
    }
    return text.ends_with(".partial") ? "what ends in .partial has not arrived" : "";
}

std::string releases_directory(const std::string& text, const std::string& pair,
                               const std::vector<std::string>& words) {
    if (text.empty()) {
        const bool wanted = std::any_of(words.begin(), words.end(), [](const std::string& word) {
            return word.find("{release}") != std::string::npos;
        });
        return wanted ? Layout{}.releases(pair) : "";
    }
    auto path = text;
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    if (path.front() != '/' || path.size() == 1) {
        throw InputError("'" + printable(text) + "' is no absolute path of a directory");
    }
    return path;
}

std::string slot_path(const std::string& directory, int parity) {
    return directory.empty() ? "" : directory + "/slots/" + std::to_string(parity);
}

std::optional<std::string> release_in(const std::string& slot) {
    char target[PATH_MAX];
    const auto length = readlink(slot.c_str(), target, sizeof target);
    const std::string text(target, length < 0 ? 0 : static_cast<std::size_t>(length));
    if (!text.starts_with(up)) {
        return {};
    }
    auto id = text.substr(sizeof up - 1);
    return why_no_release_id(id).empty() ? std::optional(id) : std::nullopt;
}

void require_trusted_slot(const std::string& directory, int parity) {
    // The slot, what it leads to and the directories of both are one look; what holds these is another.
    require_trusted_config(slot_path(directory, parity));
    require_trusted_config(directory);
}

}  // namespace twinctl
