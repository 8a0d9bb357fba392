// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/words.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/error.hpp"

namespace twinctl {

namespace {

/// SD_LISTEN_FDS_START (sd_listen_fds(3)).
constexpr long first_handed_fd = 3;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

/// Whether a line goes on in the next one: a backslash and a newline are nothing to sh.
bool continues(std::string_view text, std::size_t at) {
    return text.substr(at, 2) == "\\\n";
}

std::string port_text(std::string_view key, const TwinName& twin, const std::vector<Port>& ports) {
    if (key == "port") {
        if (ports.empty()) {
            throw InputError("{port} is asked for, but twin_ports names no port");
        }
        return std::to_string(ports.front().of(twin.parity));
    }
    const auto name = key.substr(std::string_view("port:").size());
    for (const auto& port : ports) {
        if (port.name == name) {
            return std::to_string(port.of(twin.parity));
        }
    }
    throw InputError("{" + printable(key) + "} is asked for, but twin_ports has no port of that name");
}

std::string fd_text(std::string_view key, const std::vector<std::string>& fds) {
    const auto name = key == "fd" && !fds.empty() ? fds.front() : std::string(key.substr(std::min<std::size_t>(key.size(), 3)));
    const auto found = std::find(fds.begin(), fds.end(), name);
    if (found == fds.end()) {
        throw InputError("{" + printable(key) + "} is asked for, but no socket of that name is handed over");
    }
    return std::to_string(first_handed_fd + (found - fds.begin()));
}

}  // namespace

std::vector<std::string_view> blank_separated(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t i = 0;
    while (i < text.size()) {
        if (is_blank(text[i])) {
            ++i;
            continue;
        }
        const auto begin = i;
        while (i < text.size() && !is_blank(text[i])) {
            ++i;
        }
        words.push_back(text.substr(begin, i - begin));
    }
    return words;
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool has_next = i + 1 < text.size();
        if (quote == '\'') {
            if (c == '\'') {
                quote = 0;
            } else {
                word += c;
            }
        } else if (quote == '"') {
            if (c == '"') {
                quote = 0;
            } else if (continues(text, i)) {
                ++i;
            } else if (c == '\\' && has_next && std::string_view("\\\"$`").find(text[i + 1]) != std::string_view::npos) {
                word += text[++i];
            } else {
                word += c;
            }
        } else if (is_blank(c)) {
            if (in_word) {
                words.push_back(std::move(word));
                word.clear();
                in_word = false;
            }
        } else if (continues(text, i)) {
            ++i;
        } else {
            in_word = true;
            if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '\\' && has_next) {
                word += text[++i];
            } else {
                word += c;
            }
        }
    }
    if (quote != 0) {
        throw InputError(std::string("a quote (") + quote + ") is left open in: " + printable(text));
    }
    if (in_word) {
        words.push_back(std::move(word));
    }
    return words;
}

std::string replace_placeholders(std::string_view word, const TwinName& twin,
                                 const std::vector<Port>& ports,
                                 const std::vector<std::string>& fds, const std::string& slot) {
    std::string out;
    while (!word.empty()) {
        const auto open = word.find('{');
        const auto close = open == std::string_view::npos ? open : word.find('}', open);
        if (close == std::string_view::npos) {
            break;
        }
        const auto key = word.substr(open + 1, close - open - 1);
        out += word.substr(0, open);
        if (key == "parity") {
            out += std::to_string(twin.parity);
        } else if (key == "twin") {
            out += twin.str();
        } else if (key == "name") {
            out += twin.pair;
        } else if (key == "release") {
            out += slot;
        } else if (key == "port" || key.starts_with("port:")) {
            out += port_text(key, twin, ports);
        } else if (key == "fd" || key.starts_with("fd:")) {
            out += fd_text(key, fds);
        } else {
            // Not ours (awk, JSON, ...): only the brace is passed over, "{{port}}" still works.
            out += '{';
            word.remove_prefix(open + 1);
            continue;
        }
        word.remove_prefix(close + 1);
    }
    out += word;
    return out;
}

}  // namespace twinctl
