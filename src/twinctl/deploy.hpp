// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "twinctl/config.hpp"
#include "twinctl/release_store.hpp"
#include "twinctl/session.hpp"
#include "twinctl/swap.hpp"
#include "twinctl/upload.hpp"

namespace twinctl {

/// The name of a program in the root of a release that must succeed before it is run.
inline constexpr char release_check_name[] = "twin-check";

struct DeployWish {
    bool again = false;           ///< also if it was refused before
    bool unless_stopped = false;  ///< a pair that is stopped stays so, unless it never had a release
};

/// Brings one release to the twins of a pair. An upload becomes a release only when all that can be
/// said of it without running it has been said, and stays one only if it runs.
class Deployment {
public:
    /// WHAT: the ID of an upload or a release, or a directory (with a slash).
    /// Throws InputError where that is neither.
    Deployment(Session& session, const std::string& what);

    const std::string& id() const { return id_; }

    /// RESULT is swapped, started (nothing ran
    /// before), kept, refused (the release; it is in quarantine) or nothing (it is active already).
    /// Throws as Swap::run does, with the twins as they were.
    SwapOutcome run(const DeployWish& wish = {});

    /// What run() would do, a line a step. Reads the upload, and changes nothing.
    std::string plan();

private:
    const ReleaseSettings& settings() const { return session_.configs.front().releases; }
    bool is_active() const;
    SwapOutcome already_active();
    std::string release_before() const;
    std::string why_refused(const Upload& upload) const;
    std::string why_check_fails() const;
    std::string why_no_program() const;
    /// Puts it into quarantine.
    SwapOutcome refuse(const std::string& content, const std::string& why);
    SwapOutcome refused(const std::string& why) const;
    struct Sums {
        std::string content;
        std::string sealed;
    };
    /// Empty, or why it is refused.
    std::string take(bool again, Sums& sums);
    void require_untried(bool again, const Sums& sums);
    void make_room(std::uint64_t bytes, std::uint64_t entries);
    std::string id_taken() const;
    SwapOutcome waits() const;
    void note_passed_over();
    bool is_stopped();
    SwapOutcome bring_up(const DeployWish& wish);
    SwapOutcome start();
    void note_seen();

    Session& session_;
    std::string id_;
    std::string source_;  ///< empty: it is a release already
    ReleaseStore store_;
    bool is_upload_ = false;  ///< SOURCE is in twin_incoming
    std::vector<std::string> passed_over_;  ///< IDs of older uploads
};

/// The IDs that were deployed, or passed over for a newer one.
std::vector<std::string> releases_seen(const Layout& layout, const std::string& pair);

}  // namespace twinctl
