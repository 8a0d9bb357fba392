// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tun.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "../service/unique_fd.hpp"

namespace twinctl {

namespace {

/// Packets that may wait to be read: the default of 500 is less than what a burst of clients sends
/// while this program does not get its turn.
constexpr int queue_length = 20'000;

[[noreturn]] void fail(const std::string& what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd open_device()
{
    constexpr int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC;
    UniqueFd fd(::open("/dev/net/tun", flags));
    if (fd.valid() || errno != ENOENT) {
        return fd;
    }
    // A container's /dev is often a bare one. The node is needed only until it is open.
    char directory[] = "/tmp/delay-line.XXXXXX";
    if (::mkdtemp(directory) == nullptr) {
        return fd;
    }
    const std::string node = std::string(directory) + "/tun";
    constexpr unsigned tun_major = 10; // the kernel's Documentation/networking/tuntap.rst
    constexpr unsigned tun_minor = 200;
    if (::mknod(node.c_str(), S_IFCHR | 0600, ::makedev(tun_major, tun_minor)) == 0) {
        fd.reset(::open(node.c_str(), flags));
    }
    const int error = errno;
    ::unlink(node.c_str());
    ::rmdir(directory);
    errno = error;
    return fd;
}

ifreq request_for(const std::string& name)
{
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

void set_address(ifreq& request, in_addr address)
{
    auto& v4 = reinterpret_cast<sockaddr_in&>(request.ifr_addr);
    v4.sin_family = AF_INET;
    v4.sin_addr = address;
}

/// netdevice(7)
void bring_up(const Device& device)
{
    const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto tell = [&](unsigned long what, ifreq request) {
        if (::ioctl(any.get(), what, &request) != 0) {
            fail("cannot set up " + device.name);
        }
    };
    ifreq request = request_for(device.name);
    set_address(request, device.address);
    tell(SIOCSIFADDR, request);
    set_address(request, {htonl(device.prefix == 0 ? 0 : ~0U << (32U - device.prefix))});
    tell(SIOCSIFNETMASK, request);
    request = request_for(device.name);
    request.ifr_qlen = queue_length;
    tell(SIOCSIFTXQLEN, request);
    request = request_for(device.name);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    tell(SIOCSIFFLAGS, request);
}

std::string path_of(const std::string& name)
{
    if (name == "self") {
        return "/proc/self/ns/net";
    }
    return name.find('/') == std::string::npos ? "/run/netns/" + name : name;
}

} // namespace

NetworkNamespace::NetworkNamespace(const std::string& name_or_path)
    : name_(name_or_path), fd_(::open(path_of(name_or_path).c_str(), O_RDONLY | O_CLOEXEC))
{
    if (!fd_.valid()) {
        fail("network namespace " + name_);
    }
}

void NetworkNamespace::enter() const
{
    if (::setns(fd_.get(), CLONE_NEWNET) != 0) {
        fail("cannot enter network namespace " + name_);
    }
}

Tun::Tun(const NetworkNamespace& where, const Device& device) : name_(device.name)
{
    where.enter();
    fd_ = open_device();
    ifreq request = request_for(name_);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (!fd_.valid() || ::ioctl(fd_.get(), TUNSETIFF, &request) != 0) {
        fail("cannot make tun device " + name_);
    }
    bring_up(device);
}

std::size_t Tun::read(std::span<unsigned char> buffer) const
{
    const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR) {
        fail("cannot read from " + name_);
    }
    return size < 0 ? 0 : static_cast<std::size_t>(size);
}

bool Tun::write(Bytes packet) const
{
    return ::write(fd_.get(), packet.data(), packet.size()) >= 0;
}

std::uint64_t Tun::overrun(const NetworkNamespace& where) const
{
    where.enter();
    std::ifstream file("/proc/thread-self/net/dev");
    std::string word;
    while (file >> word && word != name_ + ':') {
    }
    // Eight numbers of what was received; of what was sent: bytes, packets, errors, dropped.
    std::uint64_t number = 0;
    for (int column = 0; column < 12; ++column) {
        file >> number;
    }
    return file ? number : 0;
}

} // namespace twinctl
