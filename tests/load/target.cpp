// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "target.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

#include "usage_error.hpp"

namespace twinctl {

namespace {

std::uint16_t parse_port(std::string_view text, const std::string& url)
{
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failure != std::errc{} || end != text.data() + text.size() || port == 0) {
        throw UsageError("--url " + url + ": a port from 1 to 65535 expected");
    }
    return port;
}

bool allowed(const in_addr& address, bool own_namespace)
{
    const std::uint32_t first_octet = ntohl(address.s_addr) >> 24U;
    return first_octet == 127 || (own_namespace && first_octet == 10);
}

void set_address(Target& target, const std::string& host, bool own_namespace)
{
    auto& v4 = reinterpret_cast<sockaddr_in&>(target.address);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(target.address);
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        if (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) == 0) {
            throw UsageError("--url " + target.url + ": refused, not the loopback address ::1");
        }
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(target.port);
        target.address_length = sizeof(sockaddr_in6);
        return;
    }
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) {
        throw UsageError("--url " + target.url + ": an IP address or localhost expected as host");
    }
    if (!allowed(v4.sin_addr, own_namespace)) {
        throw UsageError("--url " + target.url +
                         ": refused, not in 127.0.0.0/8 (or 10.0.0.0/8 with TWIN_LOAD_NETNS=1)");
    }
    v4.sin_family = AF_INET;
    v4.sin_port = htons(target.port);
    target.address_length = sizeof(sockaddr_in);
}

/// The parts of the URL that are the same wherever its host is.
Target split(const std::string& url)
{
    constexpr std::string_view scheme = "http://";
    std::string_view rest = url;
    if (!rest.starts_with(scheme)) {
        throw UsageError("--url " + url + ": http://HOST[:PORT][/PATH] expected");
    }
    rest.remove_prefix(scheme.size());
    Target target;
    target.url = url;
    const auto slash = rest.find_first_of("/?");
    target.host = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash, rest.size()));
    if (!rest.starts_with('/')) {
        target.path.push_back('/');
    }
    target.path.append(rest);
    if (url.find_first_of(" \t\r\n") != std::string::npos) {
        throw UsageError("--url " + url + ": a host and a path without blanks expected");
    }
    return target;
}

} // namespace

Target parse_target(const std::string& url, bool own_namespace)
{
    Target target = split(url);
    std::string name = target.host;
    const auto colon = name.rfind(':');
    const auto bracket = name.rfind(']');
    if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon)) {
        target.port = parse_port(std::string_view(name).substr(colon + 1), url);
        name.resize(colon);
    }
    if (name.starts_with('[') && name.ends_with(']')) {
        name = name.substr(1, name.size() - 2);
    }
    set_address(target, name == "localhost" ? "127.0.0.1" : name, own_namespace);
    return target;
}

Target parse_unix_target(const std::string& url, const std::string& socket_path)
{
    Target target = split(url);
    auto& address = reinterpret_cast<sockaddr_un&>(target.address);
    if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path) {
        throw UsageError("--unix: a path of 1 to " + std::to_string(sizeof address.sun_path - 1) +
                         " bytes expected, not '" + socket_path + "'");
    }
    address.sun_family = AF_UNIX;
    socket_path.copy(address.sun_path, socket_path.size());
    target.address_length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_path.size() + 1);
    if (socket_path.front() == '@') {
        address.sun_path[0] = '\0'; // unix(7): the length ends such a name, not a zero
        --target.address_length;
    }
    return target;
}

} // namespace twinctl
