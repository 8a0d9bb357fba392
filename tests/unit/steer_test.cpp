// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "catch.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/public_socket.hpp"
#include "core/steer.hpp"
#include "needs.hpp"
#include "steer_fixture.hpp"
#include "tcp.hpp"

using namespace twinctl;

namespace {

constexpr int own_namespaces = CLONE_NEWNET | CLONE_NEWNS;

int run_in_namespaces(const char* root) {
    ifreq loopback{};
    std::strcpy(loopback.ifr_name, "lo");
    loopback.ifr_flags = IFF_UP | IFF_LOOPBACK;
    if (unshare(own_namespaces) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", root, "tmpfs", 0, nullptr) != 0) {
        throw SystemError::from_errno("cannot set up namespaces");
    }
    const Fd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (ioctl(any.get(), SIOCSIFFLAGS, &loopback) != 0) {
        throw SystemError::from_errno("cannot bring up lo");
    }
    setenv("TWIN_STEER_ROOT", root, 1);
    execl("/proc/self/exe", "unit-tests", "[in-namespaces]", nullptr);
    throw SystemError::from_errno("cannot run the tests");
}

/// Gives lo one address more of each family, as `ip addr add` does, which not every system has.
bool add_to_loopback(const char* four, const char* six) {
    ifreq request{};
    std::strcpy(request.ifr_name, "lo:1");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const auto set = [&](const char* text, unsigned long what) {
        const Fd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        inet_pton(AF_INET, text, &address.sin_addr);
        std::memcpy(&request.ifr_addr, &address, sizeof address);
        return ioctl(any.get(), what, &request) == 0;
    };
    // struct in6_ifreq of <linux/ipv6.h>, which cannot be included next to <netinet/in.h> everywhere.
    struct {
        in6_addr address;
        std::uint32_t prefix_length;
        int interface;
    } request6{{}, 128, static_cast<int>(if_nametoindex("lo"))};
    inet_pton(AF_INET6, six, &request6.address);
    const Fd any6(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return set(four, SIOCSIFADDR) && set("255.255.255.255", SIOCSIFNETMASK) &&
           ioctl(any6.get(), SIOCSIFADDR, &request6) == 0;
}

}  // namespace

TEST_CASE("new connections are steered, in namespaces of the test's own", "[steer]") {
    SKIP_WHERE(geteuid() == 0 ? why_no_steer() : "steering: not root");
    SKIP_WHERE(in_child([] { return unshare(own_namespaces) == 0 ? 0 : 1; }) == 0
                   ? ""
                   : "steering: no namespaces can be made here");
    // In a process of its own too: what has a netlink socket open keeps asking its old namespace.
    char root[] = "/tmp/twin-steer-XXXXXX";
    REQUIRE(mkdtemp(root) != nullptr);
    CHECK(in_child([&] { return run_in_namespaces(root); }) == 0);
    rmdir(root);
}

TEST_CASE("clients reach the active twin, by IPv4 and by IPv6", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    const auto zero = listen_at("::", 8080, Stack::Dual);
    const auto one = listen_at("::", 8081, Stack::Dual);
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == -1);
    web.steer.attach(web.publics, 0);
    CHECK(web.steer.active() == 0);
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == -1);
    CHECK_FALSE(web.steer.has(web.publics, 0));
    REQUIRE(web.put(0));
    REQUIRE(web.put(1));
    CHECK(web.steer.has(web.publics, 0));
    for (const int active : {0, 1, 0}) {
        web.steer.point_at(active);
        CHECK(web.steer.active() == active);
        CHECK(reached("127.0.0.1", 80, {&zero, &one}) == active);
        CHECK(reached("127.8.8.8", 80, {&zero, &one}) == active);
        CHECK(reached("::1", 80, {&zero, &one}) == active);
        CHECK(reached("127.0.0.1", 81, {&zero, &one}) == -1);
    }
}

TEST_CASE("attaching again leaves the clients where they are", IN_NAMESPACES) {
    SteeredPair web("80", "8080 x=8082");
    const auto zero = listen_at("127.0.0.1", 8080);
    const auto one = listen_at("127.0.0.1", 8081);
    web.steer.attach(web.publics, 0);
    REQUIRE(web.put(0));
    REQUIRE(web.put(1));
    web.steer.point_at(1);
    web.steer.attach(web.publics, 0);
    CHECK(web.steer.active() == 1);
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == 1);
    web.steer.attach(parse_public("80 x=81"), 0);
    CHECK(web.steer.active() == 1);
}

TEST_CASE("the sibling takes over when the active twin's listener is closed", IN_NAMESPACES) {
    SteeredPair web("80", "127.0.0.1:8080");
    auto zero = listen_at("127.0.0.1", 8080);
    const auto one = listen_at("127.0.0.1", 8081);
    web.steer.attach(web.publics, 0);
    REQUIRE(web.put(0));
    REQUIRE(web.put(1));
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == 0);
    CHECK(reached("::1", 80, {&zero, &one}) == -1);
    zero = Fd();
    CHECK_FALSE(web.steer.has(web.publics, 0));
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == 1);
    CHECK_FALSE(web.put(0));
    zero = listen_at("127.0.0.1", 8080);
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == 1);
    REQUIRE(web.put(0));
    CHECK(reached("127.0.0.1", 80, {&zero, &one}) == 0);
}

TEST_CASE("each public socket has the port of its name, the most exact address first", IN_NAMESPACES) {
    // The address has its highest bit set in either byte order: a comparison must not widen it.
    SteeredPair web("80 exact=200.1.2.200:80 six=[::1]:443 wild=[::]:443",
                    "8080 exact=8082 six=8084 wild=8086");
    REQUIRE(add_to_loopback("200.1.2.200", "2001:db8::1"));
    std::vector<Fd> listeners;
    for (const auto& port : web.ports) {
        listeners.push_back(listen_at("::", port.of(1), Stack::Dual));
    }
    std::vector<const Fd*> all;
    for (const auto& listener : listeners) {
        all.push_back(&listener);
    }
    web.steer.attach(web.publics, 1);
    REQUIRE(web.put(1));
    CHECK(reached("127.0.0.1", 80, all) == 0);
    CHECK(reached("200.1.2.200", 80, all) == 1);
    CHECK(reached("::1", 443, all) == 2);
    CHECK(reached("2001:db8::1", 443, all) == 3);
    CHECK(reached("127.0.0.1", 443, all) == -1);
}

TEST_CASE("a listener of one family is not put where the other comes in", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    const auto only_six = listen_at("::", 8080);
    web.steer.attach(web.publics, 0);
    REQUIRE(web.put(0));
    CHECK(reached("::1", 80, {&only_six}) == 0);
    CHECK(reached("127.0.0.1", 80, {&only_six}) == -1);
    SteeredPair four("0.0.0.0:81", "8080", "four");
    four.steer.attach(four.publics, 0);
    CHECK_FALSE(four.put(0));
}

TEST_CASE("only what the twin itself listens on is put", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    web.steer.attach(web.publics, 0);
    int pipe_fds[2];
    REQUIRE(pipe(pipe_fds) == 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto listener = listen_at("127.0.0.1", 8080);
        const auto written = write(pipe_fds[1], "x", 1);
        for (;;) {
            usleep(static_cast<useconds_t>(written) * 10000);
        }
    }
    char byte = 0;
    REQUIRE(read(pipe_fds[0], &byte, 1) == 1);
    const pid_t bystander = fork();
    if (bystander == 0) {
        pause();
        _exit(0);
    }
    CHECK_FALSE(web.steer.put(web.publics, web.ports, 0, process_at(bystander).value()));
    CHECK(connect_to("127.0.0.1", 80).get() == -1);
    // This process has it in a descendant.
    CHECK(web.put(0));
    CHECK(connect_to("127.0.0.1", 80));
    for (const auto pid : {child, bystander}) {
        kill(pid, SIGKILL);
        in_child([] { return 0; });
    }
    for (const int fd : pipe_fds) {
        close(fd);
    }
}

TEST_CASE("an MPTCP listener is refused by that name", IN_NAMESPACES) {
    SteeredPair web("80", "8080");
    constexpr int mptcp = 262;
    const auto listener = listen_at("127.0.0.1", 8080, Stack::Own, mptcp);
    SKIP_WHERE(listener ? "" : "this kernel has no MPTCP");
    web.steer.attach(web.publics, 0);
    CHECK_THROWS_WITH(web.put(0), "the listener on 8080 is an MPTCP socket, which cannot be steered "
                                  "(Go: GODEBUG=multipathtcp=0)");
}

TEST_CASE("a public socket without a port of its name is refused", IN_NAMESPACES) {
    SteeredPair web("http=80", "8080");
    web.steer.attach(web.publics, 0);
    CHECK_THROWS_WITH(web.put(0), "public socket '80': twin_ports has no port 'http'");
}
