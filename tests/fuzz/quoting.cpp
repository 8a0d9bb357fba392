// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What twinctl install writes: the initscript from its template, and the user's values in conf.d.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "core/words.hpp"
#include "input.hpp"
#include "shell_words.hpp"
#include "twinctl/pair_files.hpp"
#include "twinctl/render.hpp"

using namespace twinctl;
using fuzz::Input;
using fuzz::require;
using fuzz::shell_words;

namespace {

using Words = std::vector<std::string>;

void try_value(Input& input) {
    const auto value = input.rest();
    require(shell_words(shell_quoted(value)) == Words{value}, "sh reads a value as it was quoted");
}

void try_conf(Input& input) {
    static const char* const keys[] = {"twin_command", "twin_args", "twin_ports", "rc_need"};
    ConfLines lines;
    while (!input.empty() && lines.size() < 8) {
        const auto* key = keys[input.kind(4)];
        lines.emplace_back(key, fuzz::unseparated(input.line(), '\n'));
    }
    const auto text = conf_text("web", lines);
    require(is_unedited(text), "what was just written is not edited");
    require(!is_unedited(text + "x"), "what was edited is seen");
    // Between two comments, the first and the last line.
    const auto begin = text.find('\n') + 1;
    const auto end = text.rfind('\n', text.size() - 2) + 1;
    require(text[0] == '#' && text[end] == '#', "the first and the last line are comments");
    Words wanted;
    for (const auto& [key, value] : lines) {
        wanted.push_back(key + "=" + value);
    }
    require(shell_words(text.substr(begin, end - begin)) == wanted, "sh reads all values as they were given");
}

void try_edited_conf(Input& input) {
    const auto text = input.rest();
    if (is_unedited(text)) {
        const auto sum = text.rfind('#');
        require(!is_unedited("x" + text) && sum != std::string::npos, "each byte counts");
    }
}

void try_template(Input& input) {
    const std::map<std::string, std::string> values = {{"a", input.line()}, {"b_c", input.line()}};
    const auto text = input.rest();
    std::string out;
    if (!fuzz::takes([&] { out = render(text, values); })) {
        return;
    }
    // What a value holds is not looked at again: it might as well be put in afterwards.
    const std::string marks[] = {std::string(1, '\0') + "1", std::string(1, '\0') + "2"};
    if (text.find('\0') == std::string::npos) {
        auto later = render(text, {{"a", marks[0]}, {"b_c", marks[1]}});
        std::string expected;
        for (std::size_t i = 0; i < later.size(); ++i) {
            if (later[i] == '\0') {
                expected += later[++i] == '1' ? values.at("a") : values.at("b_c");
            } else {
                expected += later[i];
            }
        }
        require(out == expected, "values are put in, and nothing else is changed");
    }
}

/// Where twinctl was installed under a name that sh would not take as it is.
void try_initscript(Input& input) {
    static const auto service = read_file(SERVICE_TEMPLATE);
    const std::string paths[] = {"/" + input.line(), "/" + input.line()};
    const auto script = render_initscript(service, "web", {paths[0], paths[1], ""});
    for (const auto& [key, path] : {std::pair("\ntwinctl=", paths[0]), {"\ntwin_exec=", paths[1]}}) {
        const auto at = script.find(key) + 1;
        const auto words = shell_words(script.substr(at, script.find("\n", at + shell_quoted(path).size()) - at));
        require(words && words->front() == std::string(key + 1) + path, "sh reads the paths as they are");
    }
}

/// Against another reading of the same rules.
void try_words(Input& input) {
    const auto text = input.rest();
    Words words;
    const bool taken = fuzz::takes([&] { words = split_words(text); });
    const auto judged = shell_words(text);
    require(taken == judged.has_value(), "an open quote is one to sh, too");
    require(!taken || words == *judged, "words are split as sh does");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.kind(6)) {
        case 0: try_value(input); break;
        case 1: try_conf(input); break;
        case 2: try_edited_conf(input); break;
        case 3: try_template(input); break;
        case 4: try_initscript(input); break;
        default: try_words(input); break;
    }
    return 0;
}
