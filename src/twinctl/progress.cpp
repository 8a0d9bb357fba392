// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/progress.hpp"

#include <cstdint>
#include <iomanip>
#include <ios>
#include <sstream>
#include <string>

namespace twinctl {

void TextProgress::begin(const std::string& pair, int from, int to) {
    out_ << pair << ": " << pair << '.' << from << " -> " << pair << '.' << to << std::endl;
}

void TextProgress::done(const std::string& step, const std::string& detail, std::int64_t ms) {
    wipe();
    out_ << "  " << std::left << std::setw(7) << step << ' ' << std::setw(24) << detail << ' '
         << std::right << std::setw(6) << ms << " ms" << std::endl;
}

void TextProgress::waiting(const std::string& step, const std::string& text) {
    // Called every few milliseconds; what changes is shown, and only where it can be wiped.
    if (columns_ == 0 || text == shown_) {
        return;
    }
    wipe();
    std::ostringstream line;
    line << "  " << std::left << std::setw(7) << step << ' ' << text;
    // Of a line that is wrapped only the last row could be wiped.
    out_ << line.str().substr(0, columns_ - 1) << std::flush;
    line_open_ = true;
    shown_ = text;
}

void TextProgress::note(const std::string& text) {
    wipe();
    out_ << text << std::endl;
}

void TextProgress::wipe() {
    if (line_open_) {
        terminal_ << "\r\x1b[K";
        line_open_ = false;
        shown_.clear();
    }
}

}  // namespace twinctl
