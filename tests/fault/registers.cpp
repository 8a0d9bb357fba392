// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// The one thing that PTRACE_GET_SYSCALL_INFO does not do for every machine alike.
#include "registers.hpp"

#include <elf.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <cstddef>

namespace twinctl {

#if defined(__x86_64__)

const std::uint32_t own_arch = AUDIT_ARCH_X86_64;

void skip_call(pid_t pid) {
    ptrace(PTRACE_POKEUSER, pid, offsetof(user, regs.orig_rax), -1L);
}

void set_result(pid_t pid, long value) {
    ptrace(PTRACE_POKEUSER, pid, offsetof(user, regs.rax), value);
}

#elif defined(__aarch64__)

const std::uint32_t own_arch = AUDIT_ARCH_AARCH64;

void skip_call(pid_t pid) {
    int number = -1;
    iovec part{&number, sizeof number};
    // linux/elf.h: NT_ARM_SYSTEM_CALL.
    ptrace(PTRACE_SETREGSET, pid, 0x404, &part);
}

void set_result(pid_t pid, long value) {
    user_regs_struct registers{};
    iovec all{&registers, sizeof registers};
    ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
    registers.regs[0] = static_cast<unsigned long long>(value);
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}

#else
#error "fault knows the registers of x86_64 and aarch64"
#endif

}  // namespace twinctl
