// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/end_watch.hpp"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <set>
#include <utility>

#include "core/diag_answer.hpp"
#include "core/sock_diag.hpp"

namespace twinctl {

namespace {

constexpr unsigned group_bit(int group) {
    return 1u << (group - 1);
}

bool is_same(const inet_diag_sockid& one, const inet_diag_sockid& other) {
    return one.idiag_sport == other.idiag_sport && one.idiag_dport == other.idiag_dport &&
           std::equal(one.idiag_src, one.idiag_src + 4, other.idiag_src) &&
           std::equal(one.idiag_dst, one.idiag_dst + 4, other.idiag_dst);
}

/// The states by linux/bpf.h: the C library's names for them are in a header that linux/tcp.h does not go with.
constexpr std::uint32_t left_waiting = 1u << BPF_TCP_TIME_WAIT | 1u << BPF_TCP_FIN_WAIT2;

/// Thousands may end at once.
constexpr int receive_bytes = 8 << 20;

}  // namespace

std::optional<EndedSocket> ended_socket(const char* payload, std::size_t length) {
    inet_diag_msg message{};
    if (length < sizeof message) {
        return {};
    }
    std::memcpy(&message, payload, sizeof message);
    const auto info_bytes = diag_attribute(payload + sizeof message, length - sizeof message, INET_DIAG_INFO);
    tcp_info info{};
    if (info_bytes.size() < offsetof(tcp_info, tcpi_bytes_sent) + sizeof info.tcpi_bytes_sent) {
        return {};
    }
    std::memcpy(&info, info_bytes.data(), std::min(sizeof info, info_bytes.size()));
    EndedSocket ended;
    ended.id = message.id;
    ended.cookie = socket_cookie(message);
    // The bytes that were received count a FIN, too.
    ended.unanswered = info.tcpi_data_segs_in > 0 &&
                       (info.tcpi_bytes_sent == 0 || info.tcpi_last_data_recv < info.tcpi_last_data_sent);
    // The FIN that is not read counts as a byte here.
    ended.unread = message.idiag_rqueue > 1;
    return ended;
}

EndWatch::EndWatch(std::vector<std::uint16_t> ports, std::unordered_set<std::uint64_t> cookies)
    : ports_(std::move(ports)), cookies_(std::move(cookies)),
      socket_(mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC | SOCK_NONBLOCK), mnl_socket_close) {
    const unsigned groups = group_bit(SKNLGRP_INET_TCP_DESTROY) | group_bit(SKNLGRP_INET6_TCP_DESTROY);
    if (!socket_ || mnl_socket_bind(socket_.get(), groups, MNL_SOCKET_AUTOPID) < 0) {
        socket_.reset();
        return;
    }
    setsockopt(mnl_socket_get_fd(socket_.get()), SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes, sizeof receive_bytes);
}

bool EndWatch::is_watched(const EndedSocket& ended) const {
    return cookies_.count(ended.cookie) != 0 ||
           std::find(ports_.begin(), ports_.end(), ntohs(ended.id.idiag_sport)) != ports_.end();
}

void EndWatch::count_closed_here() {
    std::set<std::uint16_t> ports;
    for (const auto& id : unclear_) {
        ports.insert(ntohs(id.idiag_sport));
    }
    for (const auto port : ports) {
        visit_tcp_sockets(port, left_waiting, [&](const inet_diag_msg& waiting) {
            const auto found = std::find_if(unclear_.begin(), unclear_.end(), [&](const inet_diag_sockid& id) {
                return is_same(id, waiting.id);
            });
            if (found != unclear_.end()) {
                unclear_.erase(found);
                ++unanswered_;
            }
        });
    }
    unclear_.clear();
}

unsigned EndWatch::unanswered() {
    std::vector<char> buffer(64 * 1024);
    while (socket_) {
        const auto length = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (length < 0 && (errno == EINTR || errno == ENOBUFS)) {
            continue;
        }
        if (length <= 0) {
            break;
        }
        visit_answer(buffer.data(), static_cast<std::size_t>(length), [&](const char* payload, std::size_t size) {
            const auto ended = ended_socket(payload, size);
            if (!ended || !ended->unanswered || !is_watched(*ended)) {
                return;
            }
            if (ended->unread) {
                ++unanswered_;
            } else {
                unclear_.push_back(ended->id);
            }
        });
    }
    count_closed_here();
    return unanswered_;
}

}  // namespace twinctl
