// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "twinctl/config.hpp"
#include "twinctl/upload.hpp"

namespace twinctl {

/// When to look at what was uploaded for one pair, and which of it to deploy. Knows nothing of files
/// and clocks; times in milliseconds, on a clock that only goes forward.
class DeployQueue {
public:
    explicit DeployQueue(const ReleaseSettings& settings) : settings_(settings) {}

    /// Something may have come in.
    void note_change(std::int64_t now_ms);

    /// When choose() is to be called next; nothing while there is no reason to, or one is deployed.
    std::optional<std::int64_t> due_ms() const;

    /// The ID to deploy now, if any: of ARRIVALS (the last one in front) the first that is not among
    /// SEEN, and was not refused as it is.
    std::optional<std::string> choose(std::int64_t now_ms, const std::vector<Arrival>& arrivals,
                                      const std::vector<std::string>& seen,
                                      const std::function<UploadStamp(const std::string& id)>& stamp);

    enum class End {
        Deployed,
        Refused,   ///< not to be tried again as it is
        Hindered,  ///< by something else than the release: to be tried again
    };
    void note_end(std::int64_t now_ms, End end);

    /// What it was to look at could not be seen: the next change says more.
    void postpone(std::int64_t now_ms);

    bool is_deploying() const { return !deploying_.empty(); }

private:
    static constexpr std::int64_t first_retry_ms = 5000;
    static constexpr std::int64_t last_retry_ms = 300000;
    static constexpr int most_settles = 10;  ///< changes without an end do not put it off for ever

    ReleaseSettings settings_;
    std::optional<std::int64_t> first_change_ms_;
    std::int64_t last_change_ms_ = 0;
    std::int64_t not_before_ms_ = 0;
    struct Hindered {
        std::string id;
        std::int64_t until_ms = 0;
        std::int64_t pause_ms = 0;
    };
    std::optional<Hindered> hindered_;
    std::string deploying_;
    UploadStamp deploying_stamp_;
    std::map<std::string, UploadStamp> refused_;
};

}  // namespace twinctl
