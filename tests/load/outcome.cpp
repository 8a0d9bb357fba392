// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "outcome.hpp"

#include <cerrno>
#include <utility>

namespace twinctl {

std::string_view name_of(Outcome outcome)
{
    switch (outcome) {
    case Outcome::ok:
        return "ok";
    case Outcome::refused:
        return "refused";
    case Outcome::reset:
        return "reset";
    case Outcome::short_answer:
        return "short";
    case Outcome::timeout:
        return "timeout";
    case Outcome::wrong:
        return "wrong";
    case Outcome::local:
        return "local";
    }
    return "unknown";
}

Outcome outcome_of_connecting(int error)
{
    switch (error) {
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return Outcome::local;
    case ETIMEDOUT:
        return Outcome::timeout;
    case ECONNRESET:
    case EPIPE:
        return Outcome::reset;
    default:
        // ECONNREFUSED, and whatever else keeps a client out: unreachable, filtered (EPERM), no
        // such Unix socket (ENOENT).
        return Outcome::refused;
    }
}

Outcome outcome_of_transfer(int error)
{
    return error == ETIMEDOUT ? Outcome::timeout : Outcome::reset;
}

std::string errno_name(int error)
{
    // strerrorname_np(3) would know them all, but only in glibc.
    static constexpr std::array<std::pair<int, const char*>, 17> names{{
        {EACCES, "EACCES"},
        {EADDRINUSE, "EADDRINUSE"},
        {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
        {EAGAIN, "EAGAIN"},
        {ECONNABORTED, "ECONNABORTED"},
        {ECONNREFUSED, "ECONNREFUSED"},
        {ECONNRESET, "ECONNRESET"},
        {EHOSTUNREACH, "EHOSTUNREACH"},
        {EMFILE, "EMFILE"},
        {ENETUNREACH, "ENETUNREACH"},
        {ENFILE, "ENFILE"},
        {ENOBUFS, "ENOBUFS"},
        {ENOENT, "ENOENT"},
        {ENOMEM, "ENOMEM"},
        {EPERM, "EPERM"},
        {EPIPE, "EPIPE"},
        {ETIMEDOUT, "ETIMEDOUT"},
    }};
    for (const auto& [number, name] : names) {
        if (number == error) {
            return name;
        }
    }
    return "errno " + std::to_string(error);
}

} // namespace twinctl
