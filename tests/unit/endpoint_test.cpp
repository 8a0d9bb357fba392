// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "core/endpoint.hpp"
#include "core/error.hpp"
#include "core/ports.hpp"
#include "core/public_socket.hpp"

using namespace twinctl;

namespace {

Serving serving(const std::string& endpoint, const std::string& publics, const std::string& ports,
                std::vector<std::string> words = {"web", "--port", "{port}"}) {
    Serving out;
    out.endpoint = endpoint;
    out.publics = parse_public(publics);
    out.ports = parse_ports(ports);
    out.words = std::move(words);
    return out;
}

std::vector<std::string> names(const Serving& from, Endpoint endpoint) {
    std::vector<std::string> out;
    for (const auto& handed : handed_to(from, endpoint)) {
        out.push_back(handed.name);
    }
    return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("auto is direct without twin_public", "[endpoint]") {
    CHECK(choose_endpoint(serving("auto", "", "8080"), "") == Endpoint::Direct);
    CHECK(choose_endpoint(serving("", "", "8080"), "no BPF") == Endpoint::Direct);
}

TEST_CASE("auto prefers steer, then inherit, then says what else there is", "[endpoint]") {
    auto takes_port = serving("auto", "80", "8080");
    CHECK(choose_endpoint(takes_port, "") == Endpoint::Steer);
    CHECK_THROWS_WITH(choose_endpoint(takes_port, "no BPF"),
                      "neither steer (no BPF) nor inherit (the service takes no descriptors, "
                      "twin_listen_fds) can be had for twin_public; HAProxy in front of the parity "
                      "ports does it for any service (twin_endpoint=direct, `twinctl render haproxy`)");
    auto takes_sockets = takes_port;
    takes_sockets.listen_fds = ListenFds::Yes;
    CHECK(choose_endpoint(takes_sockets, "") == Endpoint::Steer);
    CHECK(choose_endpoint(takes_sockets, "no BPF") == Endpoint::Inherit);
    CHECK(choose_endpoint(serving("auto", "unix:/run/web.sock", "8080", {"web", "{fd:main}"}), "") ==
          Endpoint::Inherit);
}

TEST_CASE("what cannot be had is refused", "[endpoint]") {
    CHECK_THROWS_AS(choose_endpoint(serving("steer", "80", "8080"), "no BPF"), InputError);
    CHECK_THROWS_AS(choose_endpoint(serving("steer", "", "8080"), ""), InputError);
    CHECK_THROWS_AS(choose_endpoint(serving("steer", "unix:/run/web.sock", "8080"), ""), InputError);
    CHECK_THROWS_AS(choose_endpoint(serving("steer", "https=443", "http=8080"), ""), InputError);
    CHECK_THROWS_AS(choose_endpoint(serving("inherit", "80", "8080"), ""), InputError);
    CHECK_THROWS_AS(choose_endpoint(serving("nat", "80", "8080"), ""), InputError);
    CHECK_THROWS_AS(choose_endpoint(serving("auto", "8081", "8080"), ""), InputError);
}

TEST_CASE("a service that takes no descriptors is handed none", "[endpoint]") {
    CHECK(names(serving("auto", "80", "8080"), Endpoint::Steer).empty());
}

TEST_CASE("a service that takes descriptors is handed the ports that it does not bind itself", "[endpoint]") {
    auto both = serving("auto", "http=80 https=443", "http=8080 https=8442", {"web"});
    both.listen_fds = ListenFds::Yes;
    CHECK(names(both, Endpoint::Steer) == Names{"http", "https"});
    CHECK(names(both, Endpoint::Inherit) == Names{"http", "https", "http-parity", "https-parity"});
    both.words = {"web", "--debug", "{port:http}"};
    CHECK(names(both, Endpoint::Inherit) == Names{"http", "https"});
    both.words = {"web", "--fd", "http,{fd:http}", "--fd", "debug,{fd:http-parity}", "--port", "{port}"};
    both.listen_fds = ListenFds::No;
    CHECK(names(both, Endpoint::Inherit) == Names{"http", "https", "http-parity"});
}
