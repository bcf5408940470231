/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest may put into the registers that a return to user mode loads.
 * Nothing here depends on the architecture the kernel is built for, so that it
 * can be tested anywhere.
 */
#ifndef _PVHOST_FRAME_H
#define _PVHOST_FRAME_H

#include <linux/types.h>
#include <linux/pv_abi.h>

/**
 * pvhost_ip_ok - may the guest run at this address?
 * @ip: instruction pointer
 *
 * Anything below PV_VA_MAX is canonical on every host; an address that is not
 * mapped faults in the guest.
 *
 * Return: true if IRET and SYSRET take it without a fault in the kernel.
 */
static __always_inline bool pvhost_ip_ok(u64 ip)
{
	return ip < PV_VA_MAX;
}

/**
 * pvhost_ip_reached - can the guest have got to this address?
 * @ip: instruction pointer
 * @bits: of a virtual address: 48, or 57 with five levels
 *
 * A jump to an address where the guest cannot run is done before the fetch from there
 * faults, and an interrupt may come between the two. Then the guest's state has that
 * address, and has to be taken as it is: it faults when the guest goes on.
 *
 * Return: true if IRET takes it without a fault in the kernel; SYSRET may not.
 */
static inline bool pvhost_ip_reached(u64 ip, unsigned int bits)
{
	return (u64)((s64)(ip << (64 - bits)) >> (64 - bits)) == ip;
}

/**
 * pvhost_flags - make a guest's RFLAGS safe
 * @flags: as the guest wants them
 *
 * Return: with interrupts enabled, IOPL 0 and none of VM, VIF and VIP.
 */
static __always_inline u64 pvhost_flags(u64 flags)
{
	return (flags & PV_FLAGS_USER) | PV_FLAGS_ENTRY;
}

/**
 * pvhost_cs_ok - may guest user mode run with these selectors?
 * @cs: code segment
 * @ss: stack segment
 *
 * Return: true for the flat user segments.
 */
static __always_inline bool pvhost_cs_ok(u16 cs, u16 ss)
{
	return (cs == PV_CS64 || cs == PV_CS32) && ss == PV_SS;
}

/**
 * pvhost_may_deliver - may an event enter guest kernel mode now?
 * @mask: mask byte of the vCPU page
 * @busy: busy byte of the vCPU page
 *
 * Return: true if the guest kernel may be interrupted.
 */
static __always_inline bool pvhost_may_deliver(u8 mask, u8 busy)
{
	return !mask && !busy;
}

/**
 * pvhost_is_cpuid - is this the CPUID instruction?
 * @code: its first two bytes
 *
 * Prefixes have no meaning for it, and nobody writes them: with one it stays a fault.
 *
 * Return: true if it is.
 */
static inline bool pvhost_is_cpuid(const u8 code[2])
{
	return code[0] == 0x0f && code[1] == 0xa2;
}

/**
 * pvhost_is_prefix - can this byte stand before an instruction in 64-bit or 32-bit code?
 * @byte: of the code
 * @cs: code segment
 *
 * Return: true for a legacy prefix, and for REX in 64-bit code.
 */
static inline bool pvhost_is_prefix(u8 byte, u16 cs)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: case 0x66: case 0x67:
	case 0xf0: case 0xf2: case 0xf3:
		return true;
	}
	return cs != PV_CS32 && (byte & 0xf0) == 0x40;
}

/**
 * pvhost_next_ip - where the next instruction is
 * @ip: instruction pointer
 * @len: length of the instruction
 * @cs: code segment
 *
 * Return: the address; in 32-bit code it wraps as the CPU's does.
 */
static inline u64 pvhost_next_ip(u64 ip, unsigned int len, u16 cs)
{
	return cs == PV_CS32 ? (u32)(ip + len) : ip + len;
}

#endif /* _PVHOST_FRAME_H */
