// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace twinctl {

/// The ways in which this process breaks the contract on request.
struct Misbehaviours {
    bool never_ready = false;       ///< lives, never listens
    bool die_at_start = false;      ///< says why in two lines, exits 3
    bool ignore_hup = false;        ///< has a handler, goes on serving
    bool die_of_hup = false;        ///< has no handler
    bool wrong_port = false;        ///< listens on port + 100
    bool hang_on_term = false;      ///< ignores TERM and INT
    bool exit_after_hup = false;    ///< exits 0 when drained, as nginx does on QUIT
    bool close_first = false;       ///< closes the listener before it finishes what is open
    bool never_drain = false;       ///< keeps what is open, unanswered, for ever
    bool cut_open = false;          ///< closes what is open, answered or not
    bool keep_listener = false;     ///< finishes what is open, but keeps the listener open
    bool shutdown_listener = false; ///< shutdown(2) on the listener, which hits every holder
    bool unhealthy = false;         ///< /health says 503
    std::optional<std::chrono::milliseconds> slow_ready; ///< listens after that time
    std::optional<std::chrono::milliseconds> die_later;  ///< exits 4 that long after listening

    /// Adds NAME or NAME:MS. Throws UsageError for a name it does not know.
    void add(std::string_view text);

    /// Adds every name of a comma separated list; blanks are skipped.
    void add_list(std::string_view list);

    /// Adds every line of the file; `#` starts a comment. A file that is not there adds nothing.
    void add_file(const std::string& path);
};

} // namespace twinctl
