// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace twinctl {

/// Who this process says it is, in every answer and every line it logs.
struct Identity {
    std::string twin;
    std::string version;

    /// `version=V twin=T pid=P`; the pid is the caller's own, also after a fork.
    std::string describe() const;

    /// Writes one line to stderr, in one write so that the lines of workers never mix.
    void log(std::string_view text) const;

    /// Appends `TWIN VERSION PID COUNT` to the file that PARITYD_COUNT_FILE names, if it is set.
    void append_count(std::uint64_t answered) const;
};

} // namespace twinctl
