// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// What others answer: the kernel in /proc and by sock_diag, a service by HTTP and in its log.
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/blocked_call.hpp"
#include "core/diag_answer.hpp"
#include "core/files.hpp"
#include "core/proc_text.hpp"
#include "directory.hpp"
#include "input.hpp"
#include "twinctl/config.hpp"
#include "twinctl/local_ports.hpp"
#include "twinctl/probe.hpp"
#include "twinctl/system_world.hpp"

using namespace twinctl;
using fuzz::Input;
using fuzz::require;

namespace {

// --- /proc ----------------------------------------------------------------------

void try_stat(Input& input) {
    const auto name = input.line();
    const auto start = static_cast<std::uint64_t>(input.byte()) << (input.byte() % 56);
    const auto rest = input.rest();
    parse_stat(rest);
    // A process may call itself anything.
    const auto text = "4711 (" + name + ") S 42 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 " +
                      std::to_string(start) + " 1 1\n";
    const auto stat = parse_stat(text);
    require(stat && stat->state == 'S' && stat->parent == 42 && stat->start == start, "a name is no field");
}

void try_status(Input& input) {
    const auto key = input.line();
    const auto text = input.rest();
    const auto value = status_value(text, key);
    require(value.find('\n') == std::string::npos, "a value is of one line");
    require(value.empty() || text.find(value) != std::string::npos, "a value is in the text");
    const auto known = status_value("Name:\tx\n" + std::string("SigCgt:\t00ff\nRssAnon:\t  12 kB\n"), "SigCgt");
    require(known == "00ff", "a value is found");
}

void try_descriptors(Input& input) {
    const std::uint64_t inode = input.byte() * 0x01010101ull;
    const auto target = input.line();
    const auto text = input.rest();
    socket_inode_of(target);
    require(socket_inode_of("socket:[" + std::to_string(inode) + "]") == inode, "an inode is read");
    epoll_text_watches(text, inode);
    io_uring_text_waits(text);
    if (const auto call = BlockedCall::parse(target)) {
        call->waits_at({3, 4}, [&](unsigned long, std::size_t size) {
            return size <= text.size() ? std::optional(text.substr(0, size)) : std::nullopt;
        });
    }
    char line[64];
    std::snprintf(line, sizeof line, "\ntfd:  7 events: 19 data: 7  pos:0 ino:%llx sdev:8\n",
                  static_cast<unsigned long long>(inode));
    require(epoll_text_watches(text + line, inode), "what is watched is found");
}

void try_table(Input& input) {
    const int family = input.byte() % 2 == 0 ? AF_INET : AF_INET6;
    const auto port = static_cast<std::uint16_t>(1 + input.byte());
    const unsigned char address[16] = {127, 0, 0, 1};
    const auto text = input.rest();
    if (find_in_table(text, family, address, port)) {
        return;
    }
    const char* entry = family == AF_INET ? "0100007F" : "0100007F000000000000000000000000";
    char line[160];
    std::snprintf(line, sizeof line, "\n   9: %s:%04X 00000000:0000 0A 00000000:00000007 00:00000000 00000000     0        0 4711 1 0\n",
                  entry, port);
    const auto found = find_in_table(text + line, family, address, port);
    require(found && found->inode == 4711 && found->queued == 7, "a listener is found whatever stands before it");
}

void try_local_ports(Input& input) {
    const unsigned port = input.byte() * 257u;
    const auto text = input.rest();
    const auto range = parse_local_port_range(text);
    require(range.high == 0 || !text.empty(), "no range comes out of nothing");
    require(!lists_port(text, port) || text.find_first_of("0123456789") != std::string::npos, "no port comes out of nothing");
    require(lists_port(std::to_string(port) + "-" + std::to_string(port + 1) + "," + text, port + 1), "a port is found in its range");
}

// --- a service ------------------------------------------------------------------

void try_http(Input& input) {
    const auto answer = input.rest();
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "there are sockets");
    TestClient client{Fd(ends[0])};
    const Fd server(ends[1]);
    require(send(server.get(), answer.data(), answer.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(answer.size()), "an answer is sent");
    shutdown(server.get(), SHUT_WR);
    const auto line = client.answer(1000);
    require(line.find_first_of("\r\n") == std::string::npos, "a status line is one line");
    require(line == answer.substr(0, line.size()), "a status line is the first");
    require(!says_2xx(line) || line.starts_with("HTTP/1."), "only HTTP says 2xx");
    require(!says_2xx(line) || line.find(" 2") == 8, "only 2xx is one");
    client.leave();
}

void try_log(Input& input) {
    static const fuzz::Directory image;
    const std::uint64_t since = input.byte();
    const auto text = input.rest();
    Config config;
    config.error_log = image.layout().logs() + "/web.0.log";
    image.write(config.error_log, text);
    SystemObserver observer(image.layout());
    const auto lines = observer.last_lines(config, since);
    require(lines.size() <= text.size() - std::min<std::size_t>(since, text.size()), "what was said before is left out");
    require(std::count(lines.begin(), lines.end(), '\n') < 5, "the last lines are five");
    require(lines.empty() || (lines.back() != '\n' && text.find(lines) != std::string::npos), "they are lines of the log");
}

// --- sock_diag ------------------------------------------------------------------

/// Bytes with nothing around them, so that whoever reads too far is seen.
std::vector<char> exactly(const std::string& text) {
    return {text.begin(), text.end()};
}

void read_core(const std::vector<char>& bytes) {
    fuzz::takes([&] {
        visit_answer(bytes.data(), bytes.size(), [](const char* payload, std::size_t length) {
            unix_name(payload, length);
            unix_name(payload + length / 2, length - length / 2);
        });
    });
}

void try_raw(Input& input) {
    const auto bytes = exactly(input.rest());
    read_core(bytes);
    unix_name(bytes.data(), bytes.size());
    inet_diag_msg found{};
    const int answer = read_lookup(bytes.data(), bytes.size(), found);
    require(answer >= -1 && answer <= 1, "a lookup finds one or none");
    require(answer != 1 || found.idiag_state == TCP_LISTEN, "a listener is in LISTEN");
}

/// A dump as the kernel would write it, of what the input says; the last message may be damaged.
class Dump {
public:
    void add(std::uint16_t type, const std::string& payload) {
        nlmsghdr header{};
        header.nlmsg_len = static_cast<__u32>(sizeof header + payload.size());
        header.nlmsg_type = type;
        last_ = bytes_.size();
        bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
        bytes_ += payload;
        bytes_.resize(NLMSG_ALIGN(bytes_.size()));
    }

    void add_unix(std::uint32_t inode, const std::string& name) {
        unix_diag_msg message{};
        message.udiag_family = AF_UNIX;
        message.udiag_ino = inode;
        std::string payload(reinterpret_cast<const char*>(&message), sizeof message);
        nlattr attribute{};
        attribute.nla_len = static_cast<__u16>(sizeof attribute + name.size());
        attribute.nla_type = UNIX_DIAG_NAME;
        payload.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
        add(SOCK_DIAG_BY_FAMILY, payload + name);
    }

    /// Writes BYTE somewhere into the last message.
    void damage(std::size_t where, char byte) {
        bytes_[last_ + where % (bytes_.size() - last_)] = byte;
    }

    void cut(std::size_t count) { bytes_.resize(bytes_.size() - std::min(count, bytes_.size())); }

    std::vector<char> bytes() const { return exactly(bytes_); }

private:
    std::string bytes_;
    std::size_t last_ = 0;
};

/// What the kernel wrote is read.
void try_dump(Input& input) {
    Dump dump;
    std::vector<std::string> wanted;
    while (!input.empty() && wanted.size() < 20) {
        auto name = input.line().substr(0, 108);
        // The kernel's names of paths have no zero but at their end.
        std::erase(name, '\0');
        dump.add_unix(static_cast<std::uint32_t>(wanted.size()), name);
        wanted.push_back(std::move(name));
    }
    dump.add(NLMSG_DONE, std::string(4, '\0'));
    const auto bytes = dump.bytes();
    std::vector<std::string> names;
    const bool more = visit_answer(bytes.data(), bytes.size(), [&](const char* payload, std::size_t length) {
        unix_diag_msg message{};
        require(length >= sizeof message, "a message is whole");
        std::memcpy(&message, payload, sizeof message);
        require(message.udiag_ino == names.size(), "a socket has its inode");
        names.emplace_back(unix_name(payload + sizeof message, length - sizeof message));
    });
    require(!more, "a dump has an end");
    require(names == wanted, "all sockets are seen, with their names");
}

void try_damaged_dump(Input& input) {
    Dump dump;
    const auto type = input.byte();
    const auto where = input.byte();
    const auto byte = static_cast<char>(input.byte());
    const auto count = input.byte();
    dump.add_unix(1, input.line().substr(0, 108));
    dump.add(type, input.rest());
    dump.damage(where, byte);
    dump.cut(count % 32);
    const auto bytes = dump.bytes();
    read_core(bytes);
    inet_diag_msg found{};
    read_lookup(bytes.data(), bytes.size(), found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.kind(10)) {
        case 0: try_stat(input); break;
        case 1: try_status(input); break;
        case 2: try_descriptors(input); break;
        case 3: try_table(input); break;
        case 4: try_local_ports(input); break;
        case 5: try_http(input); break;
        case 6: try_log(input); break;
        case 7: try_raw(input); break;
        case 8: try_dump(input); break;
        default: try_damaged_dump(input); break;
    }
    return 0;
}
