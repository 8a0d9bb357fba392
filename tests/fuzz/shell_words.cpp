// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "shell_words.hpp"

namespace twinctl::fuzz {

namespace {

/// Takes the text from the front. Written from the standard, to be another one's judge.
class Lexer {
public:
    explicit Lexer(std::string_view text) : left_(text) {}

    std::optional<std::vector<std::string>> words() {
        while (!left_.empty() && closed_) {
            step();
        }
        end_word();
        return closed_ ? std::optional(words_) : std::nullopt;
    }

private:
    void step() {
        const char c = take();
        switch (c) {
            case ' ':
            case '\t':
            case '\n': end_word(); break;
            case '\\': backslash(); break;
            case '\'': single_quoted(); break;
            case '"': double_quoted(); break;
            default: add(c);
        }
    }

    /// 2.2.1: it preserves the next character; with a newline it is nothing at all.
    void backslash() {
        if (left_.empty()) {
            add('\\');
        } else if (const char next = take(); next != '\n') {
            add(next);
        }
    }

    void single_quoted() {
        begin();
        const auto end = left_.find('\'');
        closed_ = end != std::string_view::npos;
        if (closed_) {
            word_->append(left_.substr(0, end));
            left_.remove_prefix(end + 1);
        }
    }

    /// 2.2.3: there a backslash is one only before these.
    void double_quoted() {
        begin();
        while (!left_.empty() && left_.front() != '"') {
            const char c = take();
            const bool special = !left_.empty() && std::string_view("$`\"\\\n").find(left_.front()) != std::string_view::npos;
            if (c == '\\' && special) {
                backslash();
            } else {
                add(c);
            }
        }
        closed_ = !left_.empty();
        if (closed_) {
            take();
        }
    }

    char take() {
        const char c = left_.front();
        left_.remove_prefix(1);
        return c;
    }

    void begin() {
        if (!word_) {
            word_.emplace();
        }
    }

    void add(char c) {
        begin();
        *word_ += c;
    }

    void end_word() {
        if (word_) {
            words_.push_back(*word_);
            word_.reset();
        }
    }

    std::string_view left_;
    std::optional<std::string> word_;
    std::vector<std::string> words_;
    bool closed_ = true;
};

}  // namespace

std::optional<std::vector<std::string>> shell_words(std::string_view text) {
    return Lexer(text).words();
}

}  // namespace twinctl::fuzz
