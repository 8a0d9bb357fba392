// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/files.hpp"

namespace twinctl {

/// Whether a connection to ADDRESS:PORT is made within TIMEOUT_MS. An empty address means 127.0.0.1.
bool accepts(const std::string& address, std::uint16_t port, int timeout_ms);

/// Empty if `GET PATH` there is answered by a status of 200 to 299 (RFC 9110) within TIMEOUT_MS,
/// else why not: "GET /health on port 8081: HTTP/1.1 503 Service Unavailable".
std::string why_no_2xx(const std::string& address, std::uint16_t port, const std::string& path,
                       int timeout_ms);

/// Whether LINE is the status line of HTTP/1.0 or 1.1 (RFC 9112) with a status of 200 to 299.
bool says_2xx(std::string_view line);

/// A client of a service: speaks HTTP where the service does, else only connects.
class TestClient {
public:
    /// On a connection that stands.
    explicit TestClient(Fd fd) : fd_(std::move(fd)) {}
    /// Not connected where that was refused, or did not happen in TIMEOUT_MS.
    static TestClient to_port(const std::string& address, std::uint16_t port, int timeout_ms);
    static TestClient to_unix(const std::string& path);

    bool is_connected() const { return static_cast<bool>(fd_); }
    /// Sends a GET of PATH, but for the end of its head: it cannot be answered yet.
    bool begin_request(const std::string& path);
    bool end_request();
    /// The first line of the answer; empty where none came in TIMEOUT_MS.
    std::string answer(int timeout_ms);
    /// Reads what comes until the other side closes, for a moment, and closes.
    void leave();
    /// Whether the other side has closed or reset the connection.
    bool is_closed();

private:
    Fd fd_;
};

}  // namespace twinctl
