// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/blocked_call.hpp"

#include <linux/net.h>
#include <poll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace twinctl {

namespace {

// Not every architecture has every call: 32-bit ones have some twice, with 32 and with 64 bits of time.

bool is_poll(long number) {
    switch (number) {
#ifdef SYS_poll
        case SYS_poll:
#endif
#ifdef SYS_ppoll_time64
        case SYS_ppoll_time64:
#endif
        case SYS_ppoll: return true;
        default: return false;
    }
}

bool is_select(long number) {
    switch (number) {
#ifdef SYS_select
        case SYS_select:
#endif
#ifdef SYS__newselect
        case SYS__newselect:
#endif
#ifdef SYS_pselect6_time64
        case SYS_pselect6_time64:
#endif
        case SYS_pselect6: return true;
        default: return false;
    }
}

/// A call whose first argument is the socket at which the thread waits for a connection.
bool is_accept(long number) {
    switch (number) {
#ifdef SYS_accept
        case SYS_accept:
#endif
        case SYS_accept4: return true;
        default: return false;
    }
}

/// accept(2) through socketcall(2), as glibc calls it on 32-bit x86 and on s390x: the second argument leads to those
/// of accept(2).
bool is_accept_by_socketcall([[maybe_unused]] long number, [[maybe_unused]] unsigned long call) {
#ifdef SYS_socketcall
    return number == SYS_socketcall && (call == SYS_ACCEPT || call == SYS_ACCEPT4);
#else
    return false;
#endif
}

/// More than any process may have open (fs.nr_open): a wild argument.
constexpr unsigned long most_fds = 1 << 20;

bool is_among(const std::vector<int>& fds, int fd) {
    return std::find(fds.begin(), fds.end(), fd) != fds.end();
}

template <class T>
T value_at(const std::string& bytes, std::size_t index) {
    T value{};
    std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
    return value;
}

}  // namespace

std::optional<BlockedCall> BlockedCall::parse(const std::string& text) {
    BlockedCall call;
    if (std::sscanf(text.c_str(), "%ld 0x%lx 0x%lx 0x%lx", &call.number_, &call.arguments_[0], &call.arguments_[1],
                    &call.arguments_[2]) != 4) {
        return {};
    }
    return call;
}

bool BlockedCall::waits_for_signal() const {
#ifdef SYS_rt_sigtimedwait_time64
    if (number_ == SYS_rt_sigtimedwait_time64) {
        return true;
    }
#endif
#ifdef SYS_rt_sigtimedwait
    return number_ == SYS_rt_sigtimedwait;
#else
    return false;
#endif
}

bool BlockedCall::waits_at(const std::vector<int>& fds, const ReadMemory& read) const {
    if (is_accept(number_)) {
        return is_among(fds, static_cast<int>(arguments_[0]));
    }
    if (is_accept_by_socketcall(number_, arguments_[0])) {
        const auto bytes = read(arguments_[1], sizeof(long));
        return !bytes || is_among(fds, static_cast<int>(value_at<long>(*bytes, 0)));
    }
    return (is_poll(number_) && poll_asks_for(fds, read)) || (is_select(number_) && select_asks_for(fds, read));
}

bool BlockedCall::poll_asks_for(const std::vector<int>& fds, const ReadMemory& read) const {
    const auto count = arguments_[1];
    if (count == 0 || count > most_fds) {
        return false;
    }
    const auto bytes = read(arguments_[0], count * sizeof(pollfd));
    if (!bytes) {
        return true;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto entry = value_at<pollfd>(*bytes, i);
        if ((entry.events & (POLLIN | POLLRDNORM)) != 0 && is_among(fds, entry.fd)) {
            return true;
        }
    }
    return false;
}

bool BlockedCall::select_asks_for(const std::vector<int>& fds, const ReadMemory& read) const {
    constexpr auto bits = 8 * sizeof(unsigned long);
    const auto count = arguments_[0];
    const auto set = arguments_[1];
    if (count == 0 || count > most_fds || set == 0) {
        return false;
    }
    const auto bytes = read(set, (count + bits - 1) / bits * sizeof(unsigned long));
    return !bytes || std::any_of(fds.begin(), fds.end(), [&](int fd) {
        const auto bit = static_cast<unsigned long>(fd);
        return bit < count && (value_at<unsigned long>(*bytes, bit / bits) >> bit % bits & 1) != 0;
    });
}

}  // namespace twinctl
