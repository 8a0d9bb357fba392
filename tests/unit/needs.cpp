// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "needs.hpp"

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>  // IWYU pragma: keep (the numbers that glibc has no name for)
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "core/files.hpp"
#include "tcp.hpp"

std::string why_no_sock_diag() {
    const twinctl::Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!fd) {
        return std::string("sock_diag: ") + std::strerror(errno);
    }
    struct {
        nlmsghdr header;
        inet_diag_req_v2 request;
    } question{};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.request.sdiag_family = AF_INET;
    question.request.sdiag_protocol = IPPROTO_TCP;
    struct {
        nlmsghdr header;
        nlmsgerr error;
        char rest[8192];
    } answer{};
    if (send(fd.get(), &question, sizeof question, 0) < 0 || recv(fd.get(), &answer, sizeof answer, 0) < 0) {
        return std::string("sock_diag: ") + std::strerror(errno);
    }
    // A kernel that cannot load inet_diag says so in the first message.
    if (answer.header.nlmsg_type == NLMSG_ERROR) {
        return std::string("sock_diag: ") + std::strerror(-answer.error.error);
    }
    return {};
}

std::string why_no_openat2() {
    // There it says that the size of its argument, 0, is wrong.
    const auto fd = syscall(__NR_openat2, AT_FDCWD, "/", nullptr, 0);
    return fd < 0 && errno == ENOSYS ? std::string("openat2: ") + std::strerror(errno) : std::string();
}

std::string why_no_proc_net() {
    const auto listener = listen_at("127.0.0.1", 0);
    // The kernel prints the word as it stands in its memory.
    char swapped[32];
    std::snprintf(swapped, sizeof swapped, "%08X:%04X", __builtin_bswap32(htonl(INADDR_LOOPBACK)),
                  static_cast<unsigned>(port_of(listener)));
    const auto table = twinctl::read_file("/proc/net/tcp");
    return table.find(swapped) == std::string::npos ? "" : "/proc/net has another byte order";
}

std::string why_no_root() {
    const twinctl::Fd file(open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    // In a user namespace that does not have this user even root cannot.
    return geteuid() == 0 && fchown(file.get(), 65534, 65534) == 0 ? "" : "not root";
}

std::string why_no_loopback() {
    const twinctl::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const itself = reinterpret_cast<sockaddr*>(&address);
    // TCP lets a socket that does not listen connect to itself (RFC 9293, simultaneous open).
    if (bind(fd.get(), itself, size) != 0 || getsockname(fd.get(), itself, &size) != 0 ||
        connect(fd.get(), itself, size) != 0) {
        return std::string("loopback: ") + std::strerror(errno);
    }
    return {};
}
