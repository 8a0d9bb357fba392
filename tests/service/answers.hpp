// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity.hpp"

namespace twinctl {

struct Request {
    std::string_view method;
    std::string_view target; ///< path and query, as sent
    std::string_view body;
    std::string_view listener; ///< the name of the one that its connection came through
};

/// What to say and when. With pieces the answer is streamed: one of them each interval.
struct Answer {
    unsigned status = 200;
    std::string body;
    std::vector<std::string> pieces;
    std::chrono::microseconds delay{0};    ///< before the first byte
    std::string held_by;                   ///< no byte while this file exists, but for the delay at most
    std::chrono::microseconds interval{0}; ///< between two pieces
};

/// Works out the answer to a request; knows nothing of connections.
class Answers {
public:
    Answers(const Identity& identity, bool healthy) : identity_(identity), healthy_(healthy) {}

    /// `number` counts the requests of this process from 1, `answered` those already answered.
    Answer to(const Request& request, std::uint64_t number, std::uint64_t answered) const;

private:
    const Identity& identity_;
    bool healthy_;
};

} // namespace twinctl
