// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/steer_program.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/hash.hpp"

namespace twinctl {

namespace {

// What a call leaves alone is r6 to r9 (the kernel's BPF calling convention).
constexpr int r0 = 0, r1 = 1, r2 = 2, r3 = 3;
constexpr int r_context = 6, r_slot = 7, r_family = 8, r_port = 9;
constexpr int frame = 10;
constexpr int key_at = -4;

/// Collects instructions; jumps go forward, to places that are not known yet.
class Assembler {
public:
    using Jumps = std::vector<std::size_t>;

    void add(int code, int dst, int src, int offset, std::int32_t imm) {
        bpf_insn insn{};
        insn.code = static_cast<__u8>(code);
        insn.dst_reg = static_cast<__u8>(dst) & 0xf;
        insn.src_reg = static_cast<__u8>(src) & 0xf;
        insn.off = static_cast<__s16>(offset);
        insn.imm = imm;
        code_.push_back(insn);
    }
    void move(int dst, int src) { add(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0); }
    void set(int dst, std::int32_t imm) { add(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm); }
    void load(int dst, int src, std::size_t offset) {
        add(BPF_LDX | BPF_MEM | BPF_W, dst, src, static_cast<int>(offset), 0);
    }
    void call(std::int32_t function) { add(BPF_JMP | BPF_CALL, 0, 0, 0, function); }

    /// On 32 bits: an immediate is widened with its sign in a 64 bit comparison, which no address
    /// from 128.0.0.0 upwards would pass.
    void jump_unless(int reg, std::uint32_t value, Jumps& to) {
        to.push_back(code_.size());
        add(BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, static_cast<std::int32_t>(value));
    }
    void jump_if_null(int reg, Jumps& to) {
        to.push_back(code_.size());
        add(BPF_JMP | BPF_JEQ | BPF_K, reg, 0, 0, 0);
    }
    void jump_if_set(int reg, Jumps& to) {
        to.push_back(code_.size());
        add(BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, 0);
    }
    void jump(Jumps& to) {
        to.push_back(code_.size());
        add(BPF_JMP | BPF_JA, 0, 0, 0, 0);
    }
    void land(const Jumps& from) {
        for (const auto at : from) {
            code_[at].off = static_cast<__s16>(code_.size() - at - 1);
        }
    }

    /// r0 = what MAP has under the key in register KEY.
    void look_up(int map, int key) {
        add(BPF_STX | BPF_MEM | BPF_W, frame, key, key_at, 0);
        move(r2, frame);
        add(BPF_ALU64 | BPF_ADD | BPF_K, r2, 0, 0, key_at);
        add(BPF_LD | BPF_DW | BPF_IMM, r1, BPF_PSEUDO_MAP_FD, 0, map);
        add(0, 0, 0, 0, 0);  // the upper half of a 64 bit immediate
        call(BPF_FUNC_map_lookup_elem);
    }

    std::vector<bpf_insn> take() { return std::move(code_); }

private:
    std::vector<bpf_insn> code_;
};

bool is_any(const PublicSocket& socket) {
    return socket.address.empty() || socket.address == "0.0.0.0" || socket.address == "::";
}

/// Jumps to NO unless the packet is for SOCKET, whose port has been compared.
void match_address(Assembler& code, const PublicSocket& socket, Assembler::Jumps& no) {
    if (socket.address.empty()) {
        return;
    }
    const int wanted = takes_family(socket, AF_INET) ? AF_INET : AF_INET6;
    code.jump_unless(r_family, static_cast<std::uint32_t>(wanted), no);
    if (is_any(socket)) {
        return;
    }
    std::uint32_t words[4];
    if (inet_pton(wanted, socket.address.c_str(), words) != 1) {
        throw InputError("public socket '" + socket.text() + "': the address must be numeric");
    }
    for (std::size_t i = 0; i < (wanted == AF_INET ? 1 : 4); ++i) {
        code.load(r2, r_context,
                  wanted == AF_INET ? offsetof(bpf_sk_lookup, local_ip4)
                                    : offsetof(bpf_sk_lookup, local_ip6) + i * sizeof words[0]);
        code.jump_unless(r2, words[i], no);
    }
}

/// The most exact first; entries alike in that keep their order.
std::vector<std::size_t> matching_order(const std::vector<PublicSocket>& publics) {
    std::vector<std::size_t> order(publics.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto vagueness = [&](std::size_t i) {
            return publics[i].address.empty() ? 2 : is_any(publics[i]) ? 1 : 0;
        };
        return vagueness(a) < vagueness(b);
    });
    return order;
}

}  // namespace

bool takes_family(const PublicSocket& socket, int which) {
    const bool v6 = socket.address.find(':') != std::string::npos;
    return socket.address.empty() || v6 == (which == AF_INET6);
}

std::vector<bpf_insn> steer_program(const std::vector<PublicSocket>& publics, int active,
                                    int sockets) {
    Assembler code;
    Assembler::Jumps out;
    Assembler::Jumps matched;
    code.move(r_context, r1);
    code.load(r2, r_context, offsetof(bpf_sk_lookup, protocol));
    code.jump_unless(r2, IPPROTO_TCP, out);
    // local_port is in host byte order, the addresses are in that of the network.
    code.load(r_port, r_context, offsetof(bpf_sk_lookup, local_port));
    code.load(r_family, r_context, offsetof(bpf_sk_lookup, family));
    for (const auto i : matching_order(publics)) {
        if (publics[i].is_unix()) {
            throw InputError("public socket '" + publics[i].text() + "': only TCP can be steered");
        }
        Assembler::Jumps no;
        code.jump_unless(r_port, publics[i].port, no);
        match_address(code, publics[i], no);
        code.set(r_slot, static_cast<std::int32_t>(steer_slot(i, 0, 0)));
        code.jump(matched);
        code.land(no);
    }
    code.jump(out);

    code.land(matched);
    Assembler::Jumps is_v4;
    code.jump_unless(r_family, AF_INET6, is_v4);
    code.add(BPF_ALU64 | BPF_ADD | BPF_K, r_slot, 0, 0, steer_slot(0, 0, 1));
    code.land(is_v4);
    code.set(r3, 0);
    code.look_up(active, r3);
    code.jump_if_null(r0, out);
    code.load(r1, r0, 0);
    code.add(BPF_ALU64 | BPF_AND | BPF_K, r1, 0, 0, 1);
    code.add(BPF_ALU64 | BPF_MUL | BPF_K, r1, 0, 0, steer_slot(0, 1, 0));
    code.add(BPF_ALU64 | BPF_ADD | BPF_X, r_slot, r1, 0, 0);

    Assembler::Jumps assign;
    code.look_up(sockets, r_slot);
    code.jump_if_set(r0, assign);
    // The active twin has no listener there: better the sibling than a refused connection.
    code.add(BPF_ALU64 | BPF_XOR | BPF_K, r_slot, 0, 0, steer_slot(0, 1, 0));
    code.look_up(sockets, r_slot);
    code.jump_if_null(r0, out);

    code.land(assign);
    code.move(r_slot, r0);
    code.move(r1, r_context);
    code.move(r2, r_slot);
    // Over what an earlier program picked: while one set of sockets is replaced by another, both
    // programs run, in the order they were attached in.
    code.set(r3, BPF_SK_LOOKUP_F_REPLACE);
    code.call(BPF_FUNC_sk_assign);
    code.move(r1, r_slot);
    code.call(BPF_FUNC_sk_release);
    code.land(out);
    code.set(r0, SK_PASS);
    code.add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    return code.take();
}

std::string steer_program_name(const std::vector<PublicSocket>& publics) {
    // The descriptors of the maps, which differ each time, are left out.
    const auto program = steer_program(publics, 0, 0);
    const std::string_view bytes(reinterpret_cast<const char*>(program.data()),
                                 program.size() * sizeof program[0]);
    return "twin_" + hash_of(bytes).substr(0, 10);
}

}  // namespace twinctl
