// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// The same as quoting, with /bin/sh itself as the judge: some hundred runs a second.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/words.hpp"
#include "directory.hpp"
#include "input.hpp"
#include "twinctl/config.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/process_runner.hpp"

using namespace twinctl;
using fuzz::Input;
using fuzz::require;

namespace {

/// No variable can hold a zero.
std::string without_zeros(std::string text) {
    std::erase(text, '\0');
    return text;
}

void try_conf(Input& input) {
    static const fuzz::Directory image;
    const auto& keys = known_keys();
    Settings wanted;
    ConfLines lines;
    while (!input.empty() && lines.size() < 8) {
        const auto& key = keys[input.kind(static_cast<unsigned>(keys.size()))];
        const auto value = without_zeros(fuzz::unseparated(input.line(), '\n'));
        if (wanted.emplace(key, value).second) {
            lines.emplace_back(key, value);
        }
    }
    image.write(image.layout().conf("web"), conf_text("web", lines));
    for (const auto& settings : read_settings(image.layout(), "web")) {
        require(settings == wanted, "conf.d gives what was written, and nothing else");
    }
}

/// What has a meaning to sh besides quoting: there split_words is not meant to follow.
bool is_special(char c) {
    return std::string_view("#&;|<>()$`*?[]~!{}^").find(c) != std::string_view::npos;
}

/// To sh a newline ends the command, but where a backslash takes its meaning away.
void join_lines(std::string& text) {
    bool taken = false;
    for (auto& c : text) {
        if (c == '\n' && !taken) {
            c = ' ';
        }
        taken = c == '\\' && !taken;
    }
}

void try_words(Input& input) {
    auto text = without_zeros(input.rest());
    std::replace_if(text.begin(), text.end(), is_special, '.');
    join_lines(text);
    std::string words;
    const bool taken = fuzz::takes([&] {
        for (const auto& word : split_words(text)) {
            words += word + '\0';
        }
    });
    const auto* script = R"(eval "set -- $1"; [ $# -eq 0 ] || printf '%s\0' "$@")";
    const auto result = run_program({{"/bin/sh", "-c", script, "sh", text}, plain_environment(), 10000, true});
    require(taken == (result.status == 0), "an open quote is one to sh, too");
    require(!taken || words == result.output, "words are split as sh does");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.kind(2)) {
        case 0: try_conf(input); break;
        default: try_words(input); break;
    }
    return 0;
}
