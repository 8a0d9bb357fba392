// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace twinctl {

/// Why TEXT cannot name a pair, as the end of a sentence; empty if it can.
///
/// A name is 1 to 64 letters, digits and "_-+@", and does not begin with a dash. A dot is out
/// because OpenRC cuts the name of the configuration file at the first one.
std::string why_no_name(std::string_view text);

/// NAME.P: one twin of a pair.
struct TwinName {
    std::string pair;
    int parity = 0;

    std::string str() const { return pair + "." + std::to_string(parity); }
    TwinName sibling() const { return {pair, 1 - parity}; }
};

/// Throws InputError unless TEXT is a pair's name followed by ".0" or ".1".
TwinName parse_twin_name(std::string_view text);

/// TEXT as it may stand in a message: control characters are written as \xNN.
std::string printable(std::string_view text);

}  // namespace twinctl
