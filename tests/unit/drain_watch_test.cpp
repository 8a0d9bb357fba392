// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
// With real sockets. Where one process is enough, the twin is this very process, and so are its
// clients: only the accepted ends are at a served port.
#include "twinctl/drain_watch.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>  // IWYU pragma: keep (the numbers that glibc has no name for)
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "needs.hpp"
#include "real_sockets.hpp"

using namespace twinctl;

namespace {

/// A forked process that does WORK and then waits to be killed.
class Child {
public:
    explicit Child(const std::function<void()>& work) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work();
            char byte = 1;
            _exit(write(ready[1], &byte, 1) == 1 ? pause() : 1);
        }
        const Fd reading(ready[0]);
        close(ready[1]);
        char byte = 0;
        REQUIRE(read(reading.get(), &byte, 1) == 1);
        id_ = process_at(pid_).value();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { end(); }

    ProcessId id() const { return id_; }

    void end() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
            pid_ = 0;
        }
    }

private:
    pid_t pid_ = 0;
    ProcessId id_;
};

ProcessId self() {
    return process_at(getpid()).value();
}

/// From here on the kernel answers pidfd_getfd with EPERM. False where it cannot be told to.
bool forbid_pidfd_getfd() {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_pidfd_getfd, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{4, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// The exit status of WORK in a forked process.
int status_of(const std::function<int()>& work) {
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(work());
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a listener, and what waits in its accept queue, is no connection", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    CHECK_FALSE(watch.any_left());
    const Fd queued = server.connect();
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("each connection counts until the service closes it", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    std::vector<Fd> clients;
    std::vector<Fd> accepted;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(server.connect());
        accepted.push_back(server.accept());
    }
    unsigned left = 5;
    for (const std::size_t i : {0u, 2u, 4u, 3u, 1u}) {
        CHECK(watch.any_left());
        CHECK(watch.count() == left);
        accepted[i] = Fd();
        --left;
    }
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("a later connection with a lower descriptor is found", "[drain]") {
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    const Fd first_client = server.connect();
    const Fd second_client = server.connect();
    const Fd low = open_socket(AF_INET);
    Fd first = server.accept();
    CHECK(watch.any_left());
    Fd second = server.accept();
    REQUIRE(dup2(second.get(), low.get()) == low.get());
    second = Fd();
    first = Fd();
    CHECK(watch.any_left());
}

TEST_CASE("one that comes after the answer was none is seen", "[drain]") {
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    CHECK_FALSE(watch.any_left());
    const Fd client = server.connect();
    const Fd accepted = server.accept();
    CHECK(watch.any_left());
}

TEST_CASE("another file under the witness's number is not taken for it", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    const Fd client = server.connect();
    const Fd accepted = server.accept();
    CHECK(watch.any_left());
    const Fd other = open_socket(AF_INET);
    REQUIRE(dup2(other.get(), accepted.get()) == accepted.get());
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("IPv6 connections count", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    if (!open_socket(AF_INET6)) {
        WARN("skipped: no IPv6 here");
        return;
    }
    Server server(ipv6());
    DrainWatch watch(self(), server.served());
    const Fd client = server.connect();
    Fd accepted = server.accept();
    CHECK(watch.any_left());
    CHECK(watch.count() == 1);
    accepted = Fd();
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("connections to a Unix socket count, and only at its path", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    const auto path = "/tmp/drain-watch-" + std::to_string(getpid()) + ".sock";
    unlink(path.c_str());
    Server server(unix_path(path));
    DrainWatch watch(self(), {{}, {path}});
    DrainWatch elsewhere(self(), {{}, {path + "2"}});
    CHECK_FALSE(watch.any_left());
    Fd client = server.connect();
    Fd accepted = server.accept();
    CHECK(watch.any_left());
    CHECK(watch.count() == 1);
    CHECK_FALSE(elsewhere.any_left());
    CHECK(elsewhere.count() == 0);
    client = Fd();
    CHECK(watch.any_left());
    CHECK(watch.count() == 1);
    accepted = Fd();
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
    unlink(path.c_str());
}

TEST_CASE("half closed by either side is still open", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    for (const bool by_client : {true, false}) {
        CAPTURE(by_client);
        const Fd client = server.connect();
        const Fd accepted = server.accept();
        REQUIRE(shutdown(by_client ? client.get() : accepted.get(), SHUT_WR) == 0);
        CHECK(watch.any_left());
        CHECK(watch.count() == 1);
    }
}

TEST_CASE("what the client has reset is over, though its descriptor is open", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    Fd client = server.connect();
    const Fd accepted = server.accept();
    CHECK(watch.any_left());
    const linger reset{1, 0};
    REQUIRE(setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
    client = Fd();
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("connections that the service makes itself do not count", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    // The same port number, elsewhere.
    Server upstream(ipv4("127.0.0.2", server.address.port()));
    DrainWatch watch(self(), server.served());
    const Fd to_upstream = upstream.connect();
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("a connected UDP socket at the port does not count", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    const Fd udp = open_socket(AF_INET, SOCK_DGRAM);
    REQUIRE(bind(udp.get(), server.address.get(), server.address.length) == 0);
    REQUIRE(connect(udp.get(), server.address.get(), server.address.length) == 0);
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("the sibling's connections at the shared listener are its own", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    const Fd first = server.connect();
    const Fd second = server.connect();
    const Fd third = server.connect();
    const Child old_twin([&] { server.accept().release(); });
    const Child new_twin([&] {
        server.accept().release();
        server.accept().release();
    });
    const Child idle_twin([] {});
    DrainWatch old_watch(old_twin.id(), server.served());
    DrainWatch new_watch(new_twin.id(), server.served());
    DrainWatch idle_watch(idle_twin.id(), server.served());
    CHECK(old_watch.any_left());
    CHECK(old_watch.count() == 1);
    CHECK(new_watch.any_left());
    CHECK(new_watch.count() == 2);
    CHECK_FALSE(idle_watch.any_left());
    CHECK(idle_watch.count() == 0);
}

TEST_CASE("the connections of workers count, also of those forked later", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    DrainWatch watch(self(), server.served());
    CHECK_FALSE(watch.any_left());
    const Fd first = server.connect();
    const Fd second = server.connect();
    Child worker([&] {
        server.accept().release();
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            pause();
        }
    });
    CHECK(watch.any_left());
    // Held by the worker and by its child, and counted once.
    CHECK(watch.count() == 1);
    Child another([&] { server.accept().release(); });
    CHECK(watch.count() == 2);
    worker.end();
    CHECK(watch.any_left());
    another.end();
    // The worker's child dies of the worker's death, but a moment later.
    for (int i = 0; i < 1000 && watch.any_left(); ++i) {
        usleep(1000);
    }
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("a process that has ended has no connection", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    const Fd client = server.connect();
    Child twin([&] { server.accept().release(); });
    DrainWatch watch(twin.id(), server.served());
    CHECK(watch.any_left());
    twin.end();
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("another process under the same pid is not looked at", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    Server server;
    const Fd client = server.connect();
    const Fd accepted = server.accept();
    auto earlier = self();
    --earlier.start;
    DrainWatch watch(earlier, server.served());
    CHECK_FALSE(watch.any_left());
    CHECK(watch.count() == 0);
}

TEST_CASE("without pidfd_getfd the answers are the same", "[drain]") {
    SKIP_WHERE(why_no_sock_diag());
    SKIP_WHERE(why_no_loopback());
    const auto path = "/tmp/drain-watch-" + std::to_string(getpid()) + ".sock";
    unlink(path.c_str());
    Server tcp;
    Server local{unix_path(path)};
    const Fd to_tcp = tcp.connect();
    const Fd to_local = local.connect();
    const int status = status_of([&] {
        if (!forbid_pidfd_getfd()) {
            return 77;
        }
        DrainWatch watch(self(), {{tcp.address.port()}, {path}});
        if (watch.any_left()) {
            return 1;
        }
        Fd first = tcp.accept();
        Fd second = local.accept();
        if (!watch.any_left() || watch.count() != 2) {
            return 2;
        }
        first = Fd();
        if (!watch.any_left() || watch.count() != 1) {
            return 3;
        }
        second = Fd();
        return watch.any_left() || watch.count() != 0 ? 4 : 0;
    });
    unlink(path.c_str());
    if (status == 77) {
        WARN("skipped: no seccomp filter here");
        return;
    }
    CHECK(status == 0);
}
