// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#include "core/bpf.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace twinctl {

namespace {

/// By memset: the kernel wants every byte that a command does not use to be zero, and "= {}"
/// promises that for the first member of a union alone.
bpf_attr zero_attr() {
    bpf_attr attr;
    std::memset(&attr, 0, sizeof attr);
    return attr;
}

__u64 address_of(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

int call(bpf_cmd command, bpf_attr& attr) {
    return static_cast<int>(syscall(SYS_bpf, command, &attr, sizeof attr));
}

/// Before Linux 5.11 maps and programs count against RLIMIT_MEMLOCK, 64 kB by default, and what
/// is too much fails as EPERM.
int call_with_memory(bpf_cmd command, bpf_attr& attr) {
    const int result = call(command, attr);
    if (result >= 0 || errno != EPERM) {
        return result;
    }
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0) {
        errno = EPERM;
        return -1;
    }
    return call(command, attr);
}

void set_name(char (&out)[BPF_OBJ_NAME_LEN], const std::string& name) {
    name.copy(out, sizeof out - 1);
}

template <typename Info>
bool get_info(const Fd& object, Info& info) {
    std::memset(&info, 0, sizeof info);
    auto attr = zero_attr();
    attr.info.bpf_fd = static_cast<__u32>(object.get());
    attr.info.info_len = sizeof info;
    attr.info.info = address_of(&info);
    return call(BPF_OBJ_GET_INFO_BY_FD, attr) == 0;
}

}  // namespace

Fd create_bpf_map(bpf_map_type type, std::uint32_t value_size, std::uint32_t entries,
                  const char* name) {
    auto attr = zero_attr();
    attr.map_type = type;
    attr.key_size = sizeof(std::uint32_t);
    attr.value_size = value_size;
    attr.max_entries = entries;
    set_name(attr.map_name, name);
    return Fd(call_with_memory(BPF_MAP_CREATE, attr));
}

bool update_bpf_map(const Fd& map, std::uint32_t key, const void* value) {
    auto attr = zero_attr();
    attr.map_fd = static_cast<__u32>(map.get());
    attr.key = address_of(&key);
    attr.value = address_of(value);
    attr.flags = BPF_ANY;
    return call(BPF_MAP_UPDATE_ELEM, attr) == 0;
}

bool look_up_bpf_map(const Fd& map, std::uint32_t key, void* value) {
    auto attr = zero_attr();
    attr.map_fd = static_cast<__u32>(map.get());
    attr.key = address_of(&key);
    attr.value = address_of(value);
    return call(BPF_MAP_LOOKUP_ELEM, attr) == 0;
}

Fd load_sk_lookup(const std::vector<bpf_insn>& program, const std::string& name) {
    auto attr = zero_attr();
    attr.prog_type = BPF_PROG_TYPE_SK_LOOKUP;
    attr.expected_attach_type = BPF_SK_LOOKUP;
    attr.insns = address_of(program.data());
    attr.insn_cnt = static_cast<__u32>(program.size());
    attr.license = address_of("Dual BSD/GPL");
    set_name(attr.prog_name, name);
    return Fd(call_with_memory(BPF_PROG_LOAD, attr));
}

Fd link_to_netns(const Fd& program, const Fd& netns) {
    auto attr = zero_attr();
    attr.link_create.prog_fd = static_cast<__u32>(program.get());
    attr.link_create.target_fd = static_cast<__u32>(netns.get());
    attr.link_create.attach_type = BPF_SK_LOOKUP;
    return Fd(call(BPF_LINK_CREATE, attr));
}

std::optional<NetnsLink> describe_link(const Fd& link) {
    bpf_link_info link_info;
    if (!get_info(link, link_info)) {
        return {};
    }
    if (link_info.type != BPF_LINK_TYPE_NETNS) {
        errno = EINVAL;
        return {};
    }
    auto attr = zero_attr();
    attr.prog_id = link_info.prog_id;
    const Fd program(call(BPF_PROG_GET_FD_BY_ID, attr));
    bpf_prog_info program_info;
    if (!program || !get_info(program, program_info)) {
        return {};
    }
    return NetnsLink{program_info.name, link_info.netns.netns_ino};
}

bool detach_link(const Fd& link) {
    auto attr = zero_attr();
    attr.link_detach.link_fd = static_cast<__u32>(link.get());
    return call(BPF_LINK_DETACH, attr) == 0;
}

bool pin_bpf(const Fd& object, const std::string& path) {
    auto attr = zero_attr();
    attr.pathname = address_of(path.c_str());
    attr.bpf_fd = static_cast<__u32>(object.get());
    return call(BPF_OBJ_PIN, attr) == 0;
}

Fd open_bpf_pin(const std::string& path) {
    auto attr = zero_attr();
    attr.pathname = address_of(path.c_str());
    return Fd(call(BPF_OBJ_GET, attr));
}

}  // namespace twinctl
