// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/files.hpp"

// The calls of bpf(2) that steering needs, without libbpf. What comes back empty or false has
// left its reason in errno.

namespace twinctl {

/// A map with u32 keys.
Fd create_bpf_map(bpf_map_type type, std::uint32_t value_size, std::uint32_t entries,
                  const char* name);

/// VALUE is as many bytes as the map was made with.
bool update_bpf_map(const Fd& map, std::uint32_t key, const void* value);
bool look_up_bpf_map(const Fd& map, std::uint32_t key, void* value);

/// Loads a program of type sk_lookup. Of NAME, letters, digits and "_", the kernel keeps 15.
Fd load_sk_lookup(const std::vector<bpf_insn>& program, const std::string& name);

/// Attaches PROGRAM to the network namespace. E2BIG where that has 64 already.
Fd link_to_netns(const Fd& program, const Fd& netns);

struct NetnsLink {
    std::string program;   ///< its name
    std::uint32_t netns = 0;  ///< inode of the namespace; 0 when that is gone, or it was detached
};
std::optional<NetnsLink> describe_link(const Fd& link);

/// Detaches it at once, whoever else holds it. What goes with the last reference does so a
/// little later (bpf_link_put() leaves it to a work queue).
bool detach_link(const Fd& link);

bool pin_bpf(const Fd& object, const std::string& path);
Fd open_bpf_pin(const std::string& path);

}  // namespace twinctl
