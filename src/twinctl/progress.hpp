// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "twinctl/world.hpp"

namespace twinctl {

/// Tells a person how a swap goes: a line a step; on a terminal also a last line that changes
/// while something is waited for.
class TextProgress : public Progress {
public:
    /// TERMINAL is what is below OUT, and so many COLUMNS wide; 0: it is none.
    TextProgress(std::ostream& out, std::ostream& terminal, unsigned columns)
        : out_(out), terminal_(terminal), columns_(columns) {}

    void begin(const std::string& pair, int from, int to) override;
    void done(const std::string& step, const std::string& detail, std::int64_t ms) override;
    void waiting(const std::string& step, const std::string& text) override;
    void note(const std::string& text) override;

private:
    void wipe();

    std::ostream& out_;
    std::ostream& terminal_;
    unsigned columns_;
    bool line_open_ = false;
    std::string shown_;
};

/// For --quiet and --json: only notes, on the stream of errors.
class QuietProgress : public Progress {
public:
    explicit QuietProgress(std::ostream& err) : err_(err) {}

    void begin(const std::string&, int, int) override {}
    void done(const std::string&, const std::string&, std::int64_t) override {}
    void waiting(const std::string&, const std::string&) override {}
    void note(const std::string& text) override { err_ << "twinctl: " << text << '\n'; }

private:
    std::ostream& err_;
};

}  // namespace twinctl
