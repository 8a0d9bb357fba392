// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "twinctl/probe.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <chrono>
#include <cstddef>

#include "core/connect.hpp"
#include "core/names.hpp"
#include "core/ports.hpp"

namespace twinctl {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// Milliseconds from now until UNTIL, 0 when that has passed.
int left_ms(SteadyClock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

bool wait_for(int fd, short events, SteadyClock::time_point until) {
    pollfd poll_for{fd, events, 0};
    return poll(&poll_for, 1, left_ms(until)) == 1;
}

/// The first line of the answer, as far as it came in time.
std::string first_line(int fd, SteadyClock::time_point until) {
    std::string text;
    while (text.find('\n') == std::string::npos && text.size() < 1024 && wait_for(fd, POLLIN, until)) {
        char buffer[256];
        const auto n = recv(fd, buffer, sizeof buffer, 0);
        if (n <= 0) {
            break;
        }
        text.append(buffer, static_cast<std::size_t>(n));
    }
    return text.substr(0, text.find_first_of("\r\n"));
}

SteadyClock::time_point after(int timeout_ms) {
    return SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
}

bool send_all(int fd, const std::string& text) {
    return send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::string head_of(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: twinctl\r\nConnection: close\r\n";
}

}  // namespace

bool accepts(const std::string& address, std::uint16_t port, int timeout_ms) {
    return static_cast<bool>(
        connect_tcp(address, port, timeout_ms));
}

std::string why_no_2xx(const std::string& address, std::uint16_t port, const std::string& path,
                       int timeout_ms) {
    const auto until = after(timeout_ms);
    const auto what = "GET " + printable(path) + " on port " + endpoint_text(address, port) + ": ";
    const auto fd = connect_tcp(address, port, timeout_ms);
    if (!fd) {
        return what + "nobody can connect";
    }
    if (!send_all(fd.get(), head_of(path) + "\r\n")) {
        return what + "the connection was closed";
    }
    const auto line = first_line(fd.get(), until);
    if (line.empty()) {
        return what + "no answer";
    }
    return says_2xx(line) ? "" : what + printable(line);
}

bool says_2xx(std::string_view line) {
    const bool is_http = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ';
    return is_http && line[9] == '2';
}

TestClient TestClient::to_port(const std::string& address, std::uint16_t port, int timeout_ms) {
    return TestClient(connect_tcp(address, port, timeout_ms));
}

TestClient TestClient::to_unix(const std::string& path) {
    return TestClient(connect_unix(path));
}

bool TestClient::begin_request(const std::string& path) {
    return send_all(fd_.get(), head_of(path));
}

bool TestClient::end_request() {
    return send_all(fd_.get(), "\r\n");
}

std::string TestClient::answer(int timeout_ms) {
    return first_line(fd_.get(), after(timeout_ms));
}

void TestClient::leave() {
    // To close on unread data would reset the connection.
    const auto until = after(200);
    char buffer[4096];
    while (fd_ && wait_for(fd_.get(), POLLIN, until) && recv(fd_.get(), buffer, sizeof buffer, 0) > 0) {
    }
    fd_ = Fd();
}

bool TestClient::is_closed() {
    char byte = 0;
    const auto n = recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN);
}

}  // namespace twinctl
