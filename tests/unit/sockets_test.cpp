// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "core/process.hpp"
#include "core/sockets.hpp"
#include "needs.hpp"
#include "syscalls.hpp"
#include "tcp.hpp"

using namespace twinctl;

TEST_CASE("a listener is found in its own family only", "[sockets]") {
    SKIP_WHERE(why_no_proc_net());
    const auto four = listen_at("127.0.0.1", 0);
    const auto port = port_of(four);
    CHECK(find_listener("127.0.0.1", port, AF_INET));
    CHECK(find_listener("", port, AF_INET));
    CHECK_FALSE(find_listener("127.0.0.1", port, AF_INET6));
    CHECK_FALSE(find_listener("", port, AF_INET6));
    CHECK_FALSE(find_listener("::1", port, AF_INET));
}

TEST_CASE("a dual-stack wildcard is found in both families, one for IPv6 in that alone", "[sockets]") {
    SKIP_WHERE(why_no_sock_diag());
    const auto dual = listen_at("::", 0, Stack::Dual);
    const auto only = listen_at("::", 0);
    SKIP_WHERE(dual && only ? "" : "no IPv6 here");
    for (const auto* address : {"", "::", "0.0.0.0"}) {
        INFO(address);
        CHECK(find_listener(address, port_of(dual), AF_INET));
        CHECK(find_listener(address, port_of(dual), AF_INET6));
        CHECK_FALSE(find_listener(address, port_of(only), AF_INET));
        CHECK(find_listener(address, port_of(only), AF_INET6));
    }
}

TEST_CASE("a process and its child do not take each other's answers", "[sockets]") {
    SKIP_WHERE(why_no_sock_diag());
    const auto listener = listen_at("127.0.0.1", 0);
    const auto port = port_of(listener);
    const auto inode = find_listener("127.0.0.1", port).value().inode;
    const auto asks_well = [&](const char* address, bool there) {
        for (int i = 0; i < 20000; ++i) {
            const auto found = find_listener(address, port);
            if (found.has_value() != there || (found && found->inode != inode)) {
                return false;
            }
        }
        return true;
    };
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(asks_well("127.0.0.2", false) ? 0 : 1);
    }
    CHECK(asks_well("127.0.0.1", true));
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("a socket is taken out of the process that holds it, and of no other", "[sockets]") {
    SKIP_WHERE(why_no_proc_net());
    const auto listener = listen_at("127.0.0.1", 0);
    const auto inode = find_listener("127.0.0.1", port_of(listener)).value().inode;
    const auto self = process_at(getpid()).value();
    if (geteuid() == 0) {
        const auto taken = take_socket(self, inode);
        REQUIRE(taken);
        CHECK(taken.get() != listener.get());
        CHECK(port_of(taken) == port_of(listener));
    }
    CHECK_FALSE(take_socket({self.pid, self.start + 1}, inode));
    CHECK_FALSE(take_socket(self, 1));
}

TEST_CASE("what is taken is the socket that was meant, whatever has its number by then", "[sockets]") {
    SKIP_WHERE(why_no_proc_net());
    const auto listener = listen_at("127.0.0.1", 0);
    const auto other = listen_at("127.0.0.1", 0);
    const auto inode = find_listener("127.0.0.1", port_of(listener)).value().inode;
    taken_instead = [&] { return dup(other.get()); };
    CHECK_FALSE(take_socket(process_at(getpid()).value(), inode));
    taken_instead = [&] { return dup(listener.get()); };
    CHECK(take_socket(process_at(getpid()).value(), inode));
    taken_instead = nullptr;
}
