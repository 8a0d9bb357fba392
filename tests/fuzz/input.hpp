// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace twinctl::fuzz {

/// What the fuzzer made up, taken from the front.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size);

    /// The first byte as one of COUNT kinds: '0' is the first, so that seeds are text files.
    unsigned kind(unsigned count);
    /// One byte; 0 after the last.
    std::uint8_t byte();
    /// The bytes up to the next newline, or all that are left.
    std::string line();
    /// All that is left.
    std::string rest();
    bool empty() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// TEXT with each unit separator (0x1f) replaced by WITH, which a text file, or a line, cannot hold.
std::string unseparated(std::string text, char with);

/// Ends the program, as a finding, where something does not hold.
void require(bool holds, const char* what);

/// Runs PARSE. False if it refused what it was given: by InputError or SystemError. Whatever else
/// is thrown ends the program, as a finding.
template <typename Parse>
bool takes(Parse parse) {
    try {
        parse();
        return true;
    } catch (const InputError&) {
        return false;
    } catch (const SystemError&) {
        return false;
    }
}

/// Whether TEXT, but for newlines and tabs, has a control character that a terminal would obey.
bool has_control(std::string_view text);

}  // namespace twinctl::fuzz
