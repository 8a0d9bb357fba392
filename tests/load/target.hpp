// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace twinctl {

/// Where requests go: by TCP, or through a Unix socket.
struct Target {
    std::string url;
    std::string host; ///< as in the Host header
    std::string path;
    std::uint16_t port = 80;
    sockaddr_storage address{};
    socklen_t address_length = 0;
};

/// Reads `http://HOST[:PORT][/PATH]`. HOST is an address in 127.0.0.0/8, [::1] or localhost, and
/// with `own_namespace` also one in 10.0.0.0/8. This program sends load to nobody else: throws
/// UsageError. Names are not looked up.
Target parse_target(const std::string& url, bool own_namespace);

/// Reads `http://HOST[:PORT][/PATH]` for a Unix socket at that path, where a leading `@` stands for
/// an abstract one. HOST may be anything: it is only told to the server. Throws UsageError.
Target parse_unix_target(const std::string& url, const std::string& socket_path);

} // namespace twinctl
