// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <string>

#include "catch.hpp"
#include "core/error.hpp"
#include "twinctl/config.hpp"

using namespace twinctl;

namespace {

Config checked(const Settings& settings) {
    return check_settings({}, {"web", 0}, settings);
}

std::string complaint(const Settings& settings) {
    try {
        checked(settings);
        return "none";
    } catch (const InputError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("without settings the command is the pair's name and the rest is as documented", "[config]") {
    const auto config = checked({});
    CHECK(config.command == "web");
    CHECK(config.ports.empty());
    CHECK(config.hup == "auto");
    CHECK(config.ready == Ready::Listen);
    CHECK(config.ready_timeout == 30);
    CHECK(config.drain_timeout == 60);
    CHECK(config.guard == "enforce");
    CHECK(config.error_log == "/var/log/twin/web.0.log");
}

TEST_CASE("each fault names the file and the key", "[config]") {
    CHECK(complaint({{"twin_prot", "8080"}}) == "/etc/conf.d/web: twin_prot: there is no such key; did you mean 'twin_ports'?");
    CHECK(complaint({{"twin_ports", "8081"}}) ==
          "/etc/conf.d/web: twin_ports: port '8081': odd; a base port is even, twin 1 takes the next one");
    CHECK(complaint({{"twin_hup", "KILL9"}}) ==
          "/etc/conf.d/web: twin_hup: 'KILL9': it must be auto, no or a signal's name such as QUIT");
    CHECK(complaint({{"twin_ready", "soon"}}) ==
          "/etc/conf.d/web: twin_ready: 'soon': it must be listen, tcp, "
          "http:/PATH, exec:COMMAND or none");
    CHECK(complaint({{"twin_drain_timeout", "1m"}}) ==
          "/etc/conf.d/web: twin_drain_timeout: '1m' is not a number of seconds (0 to 86400)");
    CHECK(complaint({{"twin_guard", "maybe"}}) ==
          "/etc/conf.d/web: twin_guard: 'maybe': it must be enforce, warn or off");
    CHECK(complaint({{"command_user", "nobody"}}) ==
          "/etc/conf.d/web: command_user: would take twin-exec its privileges; set twin_user instead");
    CHECK(complaint({{"supervisor", "s6"}}) ==
          "/etc/conf.d/web: supervisor: 's6': it must be start-stop-daemon or supervise-daemon");
    CHECK(complaint({{"twin_args", "{port}"}}) ==
          "/etc/conf.d/web: twin_args: {port} is asked for, but twin_ports names no port");
}

TEST_CASE("an empty value is no value", "[config]") {
    CHECK(checked({{"twin_hup", ""}, {"twin_ready", ""}}).hup == "auto");
}

TEST_CASE("what serves the clients is read as a whole", "[config]") {
    CHECK(complaint({{"twin_endpoint", "steer"}}) ==
          "/etc/conf.d/web: twin_endpoint: steer needs twin_public");
    CHECK(complaint({{"twin_public", "80"}, {"twin_ports", "8080"}, {"twin_endpoint", "inherit"}}) ==
          "/etc/conf.d/web: twin_endpoint: inherit needs a service that is handed its sockets: "
          "twin_listen_fds=yes, or {fd:NAME} in twin_args");
    CHECK(complaint({{"twin_listen_fds", "maybe"}}) ==
          "/etc/conf.d/web: twin_listen_fds: 'maybe': it must be yes, no or nonblocking");
    CHECK(complaint({{"twin_public", "80"}, {"twin_ports", "8080"}, {"twin_switch", "true"}}) ==
          "/etc/conf.d/web: twin_switch: is for endpoint direct, this pair has steer");
    CHECK(complaint({{"twin_args", "--fd {fd:main}"}}) ==
          "/etc/conf.d/web: twin_args: {fd:main} is asked for, but no socket of that name is handed over");
    CHECK(complaint({{"twin_ready", "http:/health"}}) ==
          "/etc/conf.d/web: twin_ready: 'http:/health' asks at the parity port, and twin_ports names none");
    CHECK(complaint({{"twin_wait_for", "db"}}) ==
          "/etc/conf.d/web: twin_wait_for: public socket 'db': not a port number");
    CHECK(complaint({{"twin_wait_for", "6379 unix:/run/redis.sock"}}) == "none");
    CHECK(complaint({{"twin_endpoint", "direct"}}) == "none");
}

TEST_CASE("the wait for others stays a number of milliseconds that can be counted with", "[config]") {
    std::string others;
    for (int i = 0; i < 20000; ++i) {
        others += "5432 ";
    }
    CHECK(checked({{"twin_wait_for", others}, {"twin_wait_attempts", "86400"}}).wait_s == 1'000'000);
    CHECK(checked({{"twin_wait_for", "5432 5433"}}).wait_s == 40);
}
