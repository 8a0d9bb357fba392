// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

namespace twinctl {

/// Whether a connection to ADDRESS:PORT is made within TIMEOUT_MS. An empty address means 127.0.0.1.
bool accepts(const std::string& address, std::uint16_t port, int timeout_ms);

/// Empty if `GET PATH` there is answered by a status of 200 to 299 (RFC 9110) within TIMEOUT_MS,
/// else why not: "GET /health on port 8081: HTTP/1.1 503 Service Unavailable".
std::string why_no_2xx(const std::string& address, std::uint16_t port, const std::string& path,
                       int timeout_ms);

}  // namespace twinctl
