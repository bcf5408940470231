// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of what /dev/pvhost's ioctls carry, written down: launchers that were built
 * long ago, and 32-bit ones, must find every field where it was. New fields come at the
 * end; no line below ever changes.
 */
#include <stddef.h>
#include "pvhost.h"

#define AT(type, field, offset)	_Static_assert(offsetof(struct type, field) == (offset), #field)
#define SIZE(type, size)	_Static_assert(sizeof(struct type) == (size), #type)

AT(pvhost_info, size, 0);
AT(pvhost_info, flags, 4);
AT(pvhost_info, abi_major, 8);
AT(pvhost_info, abi_minor, 12);
AT(pvhost_info, features, 16);
AT(pvhost_info, max_vcpus, 24);
AT(pvhost_info, max_slots, 28);
AT(pvhost_info, max_doorbells, 32);
AT(pvhost_info, reserved, 36);
SIZE(pvhost_info, 40);

AT(pvhost_create_vm, size, 0);
AT(pvhost_create_vm, flags, 4);
AT(pvhost_create_vm, abi_major, 8);
AT(pvhost_create_vm, abi_minor, 12);
AT(pvhost_create_vm, required, 16);
AT(pvhost_create_vm, wanted, 24);
AT(pvhost_create_vm, granted, 32);
AT(pvhost_create_vm, vcpu_pages, 40);
SIZE(pvhost_create_vm, 48);

AT(pvhost_memory, size, 0);
AT(pvhost_memory, flags, 4);
AT(pvhost_memory, slot, 8);
AT(pvhost_memory, reserved, 12);
AT(pvhost_memory, gpa, 16);
AT(pvhost_memory, bytes, 24);
AT(pvhost_memory, hva, 32);
SIZE(pvhost_memory, 40);

AT(pvhost_create_vcpu, size, 0);
AT(pvhost_create_vcpu, flags, 4);
AT(pvhost_create_vcpu, index, 8);
AT(pvhost_create_vcpu, reserved, 12);
SIZE(pvhost_create_vcpu, 16);

AT(pvhost_doorbell, size, 0);
AT(pvhost_doorbell, flags, 4);
AT(pvhost_doorbell, device, 8);
AT(pvhost_doorbell, queue, 12);
AT(pvhost_doorbell, fd, 16);
AT(pvhost_doorbell, reserved, 20);
SIZE(pvhost_doorbell, 24);

AT(pvhost_event, size, 0);
AT(pvhost_event, flags, 4);
AT(pvhost_event, vcpu, 8);
AT(pvhost_event, bit, 12);
AT(pvhost_event, fd, 16);
AT(pvhost_event, reserved, 20);
SIZE(pvhost_event, 24);

AT(pvhost_inject, size, 0);
AT(pvhost_inject, flags, 4);
AT(pvhost_inject, vcpu, 8);
AT(pvhost_inject, reserved, 12);
AT(pvhost_inject, bits, 16);
SIZE(pvhost_inject, 24);

AT(pvhost_clock, size, 0);
AT(pvhost_clock, flags, 4);
AT(pvhost_clock, ns, 8);
AT(pvhost_clock, wall_ns, 16);
SIZE(pvhost_clock, 24);

AT(pvhost_cpuid_entry, leaf, 0);
AT(pvhost_cpuid_entry, subleaf, 4);
AT(pvhost_cpuid_entry, flags, 8);
AT(pvhost_cpuid_entry, eax, 12);
AT(pvhost_cpuid_entry, ebx, 16);
AT(pvhost_cpuid_entry, ecx, 20);
AT(pvhost_cpuid_entry, edx, 24);
AT(pvhost_cpuid_entry, reserved, 28);
SIZE(pvhost_cpuid_entry, 32);

AT(pvhost_cpuid, size, 0);
AT(pvhost_cpuid, flags, 4);
AT(pvhost_cpuid, entries, 8);
AT(pvhost_cpuid, nr, 16);
AT(pvhost_cpuid, reserved, 20);
SIZE(pvhost_cpuid, 24);

AT(pvhost_state, size, 0);
AT(pvhost_state, flags, 4);
AT(pvhost_state, rax, 8);
AT(pvhost_state, rbx, 16);
AT(pvhost_state, rcx, 24);
AT(pvhost_state, rdx, 32);
AT(pvhost_state, rsi, 40);
AT(pvhost_state, rdi, 48);
AT(pvhost_state, rsp, 56);
AT(pvhost_state, rbp, 64);
AT(pvhost_state, r8, 72);
AT(pvhost_state, r9, 80);
AT(pvhost_state, r10, 88);
AT(pvhost_state, r11, 96);
AT(pvhost_state, r12, 104);
AT(pvhost_state, r13, 112);
AT(pvhost_state, r14, 120);
AT(pvhost_state, r15, 128);
AT(pvhost_state, rip, 136);
AT(pvhost_state, rflags, 144);
AT(pvhost_state, fs_base, 152);
AT(pvhost_state, gs_base, 160);
AT(pvhost_state, cs, 168);
AT(pvhost_state, mode, 170);
AT(pvhost_state, run_flags, 172);
AT(pvhost_state, reserved, 174);
AT(pvhost_state, kernel_root, 176);
AT(pvhost_state, user_root, 184);
AT(pvhost_state, entry, 192);
AT(pvhost_state, dfault_sp, 224);
AT(pvhost_state, timer, 232);
AT(pvhost_state, deadline, 240);
AT(pvhost_state, features, 248);
AT(pvhost_state, ds, 256);
AT(pvhost_state, es, 258);
AT(pvhost_state, fs, 260);
AT(pvhost_state, gs, 262);
SIZE(pvhost_state, 264);

AT(pvhost_xstate, size, 0);
AT(pvhost_xstate, flags, 4);
AT(pvhost_xstate, addr, 8);
AT(pvhost_xstate, bytes, 16);
SIZE(pvhost_xstate, 24);

AT(pvhost_run, immediate_exit, 0);
AT(pvhost_run, reserved0, 1);
AT(pvhost_run, reason, 8);
AT(pvhost_run, reserved1, 12);
AT(pvhost_run, result, 16);
AT(pvhost_run, rip, 24);
AT(pvhost_run, console, 32);
AT(pvhost_run, console.gpa, 32);
AT(pvhost_run, console.len, 40);
AT(pvhost_run, dev, 32);
AT(pvhost_run, dev.device, 32);
AT(pvhost_run, dev.offset, 40);
AT(pvhost_run, dev.width, 48);
AT(pvhost_run, dev.reserved, 52);
AT(pvhost_run, dev.value, 56);
AT(pvhost_run, shutdown, 32);
AT(pvhost_run, shutdown.how, 32);
AT(pvhost_run, shutdown.status, 40);
AT(pvhost_run, shutdown.gpa, 48);
AT(pvhost_run, shutdown.len, 56);
AT(pvhost_run, fault, 32);
AT(pvhost_run, fault.cause, 32);
AT(pvhost_run, fault.vector, 36);
AT(pvhost_run, fault.error, 40);
AT(pvhost_run, fault.addr, 48);
AT(pvhost_run, fault.sp, 56);
AT(pvhost_run, raw, 32);
SIZE(pvhost_run, 128);

AT(pvhost_stats, size, 0);
AT(pvhost_stats, flags, 4);
AT(pvhost_stats, exits, 8);
AT(pvhost_stats, hypercalls, 16);
AT(pvhost_stats, syscalls, 24);
AT(pvhost_stats, traps, 32);
AT(pvhost_stats, events, 40);
AT(pvhost_stats, fills, 48);
AT(pvhost_stats, fills_2m, 56);
AT(pvhost_stats, announced, 64);
AT(pvhost_stats, around, 72);
AT(pvhost_stats, flushes, 80);
AT(pvhost_stats, switches, 88);
AT(pvhost_stats, blocks, 96);
AT(pvhost_stats, ipis, 104);
AT(pvhost_stats, kicks, 112);
AT(pvhost_stats, yields, 120);
AT(pvhost_stats, timers, 128);
AT(pvhost_stats, exit, 136);
AT(pvhost_stats, barriers, 264);
SIZE(pvhost_stats, 272);

AT(pvhost_vm_stats, size, 0);
AT(pvhost_vm_stats, flags, 4);
AT(pvhost_vm_stats, pages, 8);
AT(pvhost_vm_stats, spaces, 16);
AT(pvhost_vm_stats, table_pages, 24);
AT(pvhost_vm_stats, evictions, 32);
AT(pvhost_vm_stats, invalidations, 40);
AT(pvhost_vm_stats, discards, 48);
SIZE(pvhost_vm_stats, 56);
