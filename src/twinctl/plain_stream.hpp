// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <ios>
#include <ostream>
#include <streambuf>

namespace twinctl {

/// Writes to another stream, at once, what is left of a text when no terminal obeys any of it: of
/// the control characters only the tab and the end of a line (plain).
class PlainStream : private std::streambuf, public std::ostream {
public:
    explicit PlainStream(std::ostream& sink) : std::ostream(this), sink_(sink) {}

private:
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    std::streambuf::int_type overflow(std::streambuf::int_type c) override;
    int sync() override;

    std::ostream& sink_;
};

}  // namespace twinctl
