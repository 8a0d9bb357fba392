// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause

// Preloaded into user-mode Linux. A kernel older than 6.13 has room for the registers of AVX-512 and no more. Where the
// processor has more, those of AMX, ptrace(2) refuses to set so few, and the kernel can run no process. Here it sets those
// that the kernel has, and leaves the process the others: nothing in the machine uses AMX.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long Ptrace(enum __ptrace_request request, pid_t pid, const void* address, void* data);

static long set_registers(Ptrace* next, pid_t pid, const struct iovec* registers)
{
    // Static, as the stacks of the kernel are smaller. It has one thread that traces.
    static unsigned char bytes[65536];
    struct iovec all = {bytes, sizeof bytes};
    const void* const state = (const void*)NT_X86_XSTATE;
    if (next(PTRACE_GETREGSET, pid, state, &all) != 0) {
        return -1;
    }
    if (registers->iov_len < all.iov_len) {
        memcpy(bytes, registers->iov_base, registers->iov_len);
        return next(PTRACE_SETREGSET, pid, state, &all);
    }
    return next(PTRACE_SETREGSET, pid, state, (void*)registers);
}

long ptrace(enum __ptrace_request request, ...)
{
    static Ptrace* next;
    if (next == NULL) {
        next = (Ptrace*)dlsym(RTLD_NEXT, "ptrace");
    }
    va_list arguments;
    va_start(arguments, request);
    const pid_t pid = va_arg(arguments, pid_t);
    const void* const address = va_arg(arguments, const void*);
    void* const data = va_arg(arguments, void*);
    va_end(arguments);
    if (request == PTRACE_SETREGSET && address == (const void*)NT_X86_XSTATE) {
        return set_registers(next, pid, data);
    }
    return next(request, pid, address, data);
}
