// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <array>
#include <string>
#include <string_view>

namespace twinctl {

/// How a request ended. Everything but `ok` and `local` is a loss.
enum class Outcome {
    ok,
    refused,      ///< no connection: ECONNREFUSED, ENOENT, or the network refused it
    reset,        ///< ECONNRESET or EPIPE, at any point
    short_answer, ///< the connection ended before the answer did
    timeout,
    wrong, ///< a whole answer, but not the expected one: status, body, or not even HTTP
    local, ///< trouble on this side, such as no free port: it says nothing about the server
};

constexpr std::array<Outcome, 5> losses{Outcome::refused, Outcome::reset, Outcome::short_answer,
                                        Outcome::timeout, Outcome::wrong};

/// As in the report: "ok", "refused", "reset", "short", "timeout", "wrong", "local".
std::string_view name_of(Outcome outcome);

/// The outcome that an errno value of socket(2), bind(2) or connect(2) means.
Outcome outcome_of_connecting(int error);

/// The outcome that an errno value of send(2) or recv(2) means.
Outcome outcome_of_transfer(int error);

/// "ECONNRESET" for the errno values met here, "errno N" for others.
std::string errno_name(int error);

} // namespace twinctl
