// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/assignments.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "core/error.hpp"

namespace twinctl {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// What a word may be made of outside quotes: the shell leaves these as they are.
bool is_plain(char c) {
    return is_letter(c) || is_digit(c) || std::string_view("%+,-./:=@^{}").find(c) != std::string_view::npos;
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool done() const { return at_ == text_.size(); }
    std::size_t line() const {
        return 1 + static_cast<std::size_t>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    }

    /// To the next statement.
    void skip_blank() {
        while (!done() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == ';' || peek() == '#')) {
            if (peek() == '#') {
                skip_line();
            } else {
                ++at_;
            }
        }
    }

    void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    /// KEY and VALUE, or nothing where the statement is another one.
    std::optional<std::pair<std::string, std::string>> assignment() {
        const auto begin = at_;
        while (!done() && (is_letter(peek()) || (at_ > begin && is_digit(peek())))) {
            ++at_;
        }
        std::string key(text_.substr(begin, at_ - begin));
        if (key.empty() || done() || peek() != '=') {
            return {};
        }
        ++at_;
        auto value = word();
        while (!done() && (peek() == ' ' || peek() == '\t')) {
            ++at_;
        }
        if (!value || !(done() || peek() == '\n' || peek() == ';' || peek() == '#')) {
            return {};
        }
        return std::pair(std::move(key), std::move(*value));
    }

private:
    char peek() const { return text_[at_]; }

    /// Quoted and bare parts, side by side; nothing where the shell would do more than take it.
    std::optional<std::string> word() {
        std::string value;
        while (!done()) {
            const char c = peek();
            if (is_plain(c)) {
                value += c;
                ++at_;
            } else if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
                value += text_[at_ + 1];
                at_ += 2;
            } else if (c == '\'' || c == '"') {
                if (!quoted(c, value)) {
                    return {};
                }
            } else {
                break;
            }
        }
        return value;
    }

    bool quoted(char quote, std::string& value) {
        for (++at_; !done(); ++at_) {
            const char c = peek();
            if (c == quote) {
                ++at_;
                return true;
            }
            if (quote == '"' && (c == '$' || c == '`')) {
                return false;
            }
            if (quote == '"' && c == '\\' && at_ + 1 < text_.size()) {
                const char next = text_[at_ + 1];
                if (std::string_view("\"\\$`").find(next) != std::string_view::npos) {
                    value += next;
                    ++at_;
                    continue;
                }
                if (next == '\n') {
                    ++at_;
                    continue;
                }
            }
            value += c;
        }
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

void parse_assignments(std::string_view text, bool strict, std::map<std::string, std::string>& values) {
    Scanner scanner(text);
    for (scanner.skip_blank(); !scanner.done(); scanner.skip_blank()) {
        const auto line = scanner.line();
        if (auto found = scanner.assignment()) {
            values[found->first] = std::move(found->second);
        } else if (strict) {
            throw InputError("line " + std::to_string(line) + " is more than a value for a key");
        } else {
            scanner.skip_line();
        }
    }
}

}  // namespace twinctl
