// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace twinctl {

// Everything that twinctl writes and reads as JSON. Only json_text.cpp includes nlohmann/json.hpp, which adds seconds to
// the compile time of each file that includes it.
//
// The keys of what commands print are promised: keys may be added, none is removed. Each text is one object on one line,
// in ASCII: the terminal obeys nothing in it, and bytes that are not UTF-8 become U+FFFD.

struct AdoptOutcome;
struct FileChange;
struct Finding;
struct Journal;
struct PairStatus;
struct Promise;
struct SwapOutcome;
struct TwinName;

/// What `swap --json`, `deploy --json` and `rollback --json` print.
std::string outcome_json(const std::string& pair, const SwapOutcome& outcome);

/// One line of the ledger: the same with WALL_S, in seconds since the epoch.
std::string ledger_line(const std::string& pair, const SwapOutcome& outcome, std::int64_t wall_s);

/// What autodeploy reads of outcome_json(). Other text, also text that is not JSON, gives an empty message.
struct ReadOutcome {
    std::string message;
    bool quarantined = false;
};
ReadOutcome read_outcome(const std::string& text);

/// What `status --json` prints.
std::string status_json(const std::vector<PairStatus>& pairs);

/// What `install --json` prints; PLANNED shows the contents, too.
std::string changes_json(const std::string& pair, const std::vector<FileChange>& changes, bool planned);

/// What `adopt --json` prints.
std::string adopt_json(const std::string& pair, const std::string& service, const AdoptOutcome& outcome);

/// What `check --json` prints.
std::string findings_json(const std::string& pair, const std::vector<Finding>& findings, const std::string& plan);

/// What `rehearse --json` prints.
std::string promises_json(const TwinName& twin, const std::vector<Promise>& promises);

/// What `--dry-run --json` prints.
std::string plan_json(const std::string& pair, const std::string& plan);

/// The text of a journal file.
std::string journal_json(const Journal& journal);

/// Throws SystemError where TEXT is not a journal, or is one of another format.
Journal parse_journal(const std::string& text);

}  // namespace twinctl
