/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * The PV ABI: what a paravirtual guest kernel, the host and the launcher agree on.
 *
 * This header is the whole contract in C; pv-abi/SPECIFICATION.md is the same
 * contract in prose.  It includes nothing, so that any operating system (and
 * assembly, and C++) can include it unchanged.  Only x86-64 compilers with the
 * GNU predefined type macros (gcc, clang) are supported.
 *
 * Numbers never change within a major version; new ones are added at the end of
 * their list and announced by a feature bit.
 */
#ifndef PV_ABI_H
#define PV_ABI_H

#define PV_ABI_MAJOR		1
#define PV_ABI_MINOR		0

/* Guest virtual addresses: half-open ranges. */
#define PV_VA_MIN		0x10000		/* nothing is ever mapped below */
#define PV_VA_MAX		0x7ffffffff000	/* nor at or above this */
#define PV_VA_DIRECT		0x7f0000000000	/* boot page tables: guest RAM at this + gpa */

/* Page-table entry bits the host looks at (x86-64, 4 levels). */
#define PV_PTE_P		0x001
#define PV_PTE_W		0x002
#define PV_PTE_U		0x004
#define PV_PTE_A		0x020
#define PV_PTE_D		0x040
#define PV_PTE_PS		0x080
#define PV_PTE_NX		0x8000000000000000
#define PV_PTE_ADDR		0x000ffffffffff000

/* The only selectors a guest runs with. */
#define PV_CS64			0x33
#define PV_CS32			0x23		/* guest user mode only */
#define PV_SS			0x2b

/* RFLAGS at every entry into the guest kernel, and those a frame may restore. */
#define PV_FLAGS_ENTRY		0x202
#define PV_FLAGS_USER		0x254dd5	/* CF PF AF ZF SF TF DF OF NT RF AC ID */

/* ------------------------------------------------------------- hypercalls */

/*
 * SYSCALL in guest-kernel mode: number in rax, arguments in rdi rsi rdx r10 r8
 * r9, result or negative errno in rax; rcx and r11 are clobbered, everything
 * else is preserved.
 */
#define PV_HC_NOP		0	/* () a place for a pending event to be delivered */
#define PV_HC_RET_USER		1	/* () to user mode; operands in the vCPU page */
#define PV_HC_BLOCK		2	/* (deadline) until pending != 0 or that guest time */
#define PV_HC_YIELD		3	/* (vcpu or PV_ANY) let that vCPU, or anybody, run */
#define PV_HC_SET_ENTRIES	4	/* (syscall, user, kernel, dfault, dfault_sp) */
#define PV_HC_KERNEL_ROOT	5	/* (root) address space of kernel mode, now */
#define PV_HC_USER_ROOT		6	/* (root, PV_ROOT_*) address space of the next RET_USER */
#define PV_HC_DROP_ROOT		7	/* (root) the guest frees these tables */
#define PV_HC_FLUSH		8	/* (root or PV_ANY, va, npages or PV_ANY) */
#define PV_HC_ANNOUNCE		9	/* (root, va, npages) mappings likely to be used next */
#define PV_HC_SET_TIMER		10	/* (ns) absolute guest time; 0 disarms */
#define PV_HC_IPI		11	/* (mask, first vcpu, event) set an event on 64 vCPUs */
#define PV_HC_VCPU_START	12	/* (vcpu, ip, sp, root, arg) */
#define PV_HC_VCPU_STOP		13	/* (vcpu) self does not return */
#define PV_HC_SET_BASE		14	/* (PV_BASE_*, address) */
#define PV_HC_CPUID		15	/* (leaf, subleaf) result in vCPU page: out[4] */
#define PV_HC_CLOCK		16	/* (PV_CLOCK_*) ns in rax */
#define PV_HC_FEATURES		17	/* (bits) enable; bits cannot be disabled again */
#define PV_HC_CONSOLE_WRITE	18	/* (gpa, len) bytes taken in rax */
#define PV_HC_CONSOLE_READ	19	/* (gpa, len) bytes read in rax, 0 when none */
#define PV_HC_DEV_READ		20	/* (device, offset, width) value in rax */
#define PV_HC_DEV_WRITE		21	/* (device, offset, width, value) */
#define PV_HC_DOORBELL		22	/* (device, queue) */
#define PV_HC_DISCARD		23	/* (gpa, npages) give pages back; they read as zero after */
#define PV_HC_SHUTDOWN		24	/* (PV_SHUTDOWN_*, status, gpa, len of a message) */
#define PV_HC_BATCH		25	/* (gpa of struct pv_call[n], n) calls done in rax */
#define PV_HC_NR		26

#define PV_ANY			0xffffffffffffffff	/* "all" or "any" where a call allows it */

#define PV_MAX_BATCH		64	/* PV_HC_BATCH entries */
#define PV_MAX_CONSOLE		4096	/* bytes a console call */
#define PV_MAX_RANGE		512	/* pages an announcement honours; more is cut */

/* PV_HC_USER_ROOT flags, also PV_RET_SHARED */
#define PV_ROOT_SHARED		1	/* user mode runs on the kernel's root and rights */

#define PV_BASE_FS		0
#define PV_BASE_GS		1

#define PV_CLOCK_MONOTONIC	0	/* guest time: ns since the machine started */
#define PV_CLOCK_REALTIME	1	/* ns since 1970-01-01 00:00 UTC */

#define PV_SHUTDOWN_POWEROFF	0
#define PV_SHUTDOWN_REBOOT	1
#define PV_SHUTDOWN_PANIC	2

/* ------------------------------------------------------------- features */

#define PV_FEAT_FSGSBASE	0x01	/* RD/WRFSBASE, RD/WRGSBASE work in both modes */
#define PV_FEAT_SHARED_ROOT	0x02	/* PV_ROOT_SHARED */
#define PV_FEAT_STEAL		0x04	/* steal_ns and runstate are kept */
#define PV_FEAT_DISCARD		0x08	/* PV_HC_DISCARD */
#define PV_FEAT_TSC_STABLE	0x10	/* the clock fields serve every vCPU alike */
#define PV_FEAT_CPUID_FAULT	0x20	/* CPUID as the hypercall; enabled: #GP in both modes */
#define PV_FEAT_ALL		0x3f

/* ------------------------------------------------------------- events */

#define PV_EVENT_TIMER		0
#define PV_EVENT_IPI0		1	/* four events for PV_HC_IPI, meaning the guest's */
#define PV_EVENT_IPI1		2
#define PV_EVENT_IPI2		3
#define PV_EVENT_IPI3		4
#define PV_EVENT_CONSOLE	5	/* input waits; vCPU 0 */
#define PV_EVENT_POWER		6	/* the launcher asks for an orderly shutdown; vCPU 0 */
#define PV_EVENT_DEVICE		16	/* first of those devices use, up to 63 */

/* Why the guest kernel was entered: cause of a frame. */
#define PV_CAUSE_SYSCALL	0	/* only at the syscall entry, which need not look */
#define PV_CAUSE_TRAP		1	/* vector, error, addr are valid */
#define PV_CAUSE_EVENT		2
#define PV_CAUSE_INT80		3
#define PV_CAUSE_SYSENTER	4	/* SYSCALL in 32-bit code; ip, sp are 0 */
#define PV_KCAUSE_MASKED	0x80	/* or-ed into kcause: mask was not 0 before */

/* runstate of a vCPU, readable by the others */
#define PV_RUN_RUNNING		0
#define PV_RUN_PREEMPTED	1	/* has work, has no CPU */
#define PV_RUN_BLOCKED		2
#define PV_RUN_OFFLINE		3

/* ------------------------------------------------------------- vCPU page */

/* ret_flags: how PV_HC_RET_USER returns */
#define PV_RET_SYSRET		0x0001	/* 64-bit; rcx = ip, r11 = flags; cx, r11, cs, ss unread */
#define PV_RET_ROOT		0x0002	/* load user_root first, as PV_HC_USER_ROOT */
#define PV_RET_SHARED		0x0004	/* with PV_RET_ROOT: PV_ROOT_SHARED */
#define PV_RET_RANGES		0x0f00	/* number of ranges[] to process first, 0 to 8 */
#define PV_RET_RANGES_SHIFT	8
#define PV_RET_ALL		0x0f07
#define PV_MAX_RET_RANGES	8

/* flags of struct pv_range; with both, flush comes first */
#define PV_RANGE_FLUSH		1
#define PV_RANGE_ANNOUNCE	2
#define PV_RANGE_KERNEL		4	/* of the kernel's root, not of the user root */

/* Offsets in struct pv_vcpu, for assembly; checked below. */
#define PV_OFF_MASK		0x00
#define PV_OFF_BUSY		0x01
#define PV_OFF_CAUSE		0x02
#define PV_OFF_VECTOR		0x03
#define PV_OFF_ERROR		0x04
#define PV_OFF_PENDING		0x08
#define PV_OFF_KERNEL_SP	0x10
#define PV_OFF_ADDR		0x18
#define PV_OFF_IP		0x20
#define PV_OFF_SP		0x28
#define PV_OFF_FLAGS		0x30
#define PV_OFF_CS		0x38
#define PV_OFF_SS		0x3a
#define PV_OFF_RET_FLAGS	0x3c
#define PV_OFF_AX		0x40
#define PV_OFF_CX		0x48
#define PV_OFF_R11		0x50
#define PV_OFF_USER_ROOT	0x58
#define PV_OFF_KIP		0x60
#define PV_OFF_KFLAGS		0x68
#define PV_OFF_KCAUSE		0x70
#define PV_OFF_KVECTOR		0x71
#define PV_OFF_KERROR		0x74
#define PV_OFF_KADDR		0x78
#define PV_OFF_CLOCK		0x80
#define PV_OFF_INDEX		0xc0
#define PV_OFF_RUNSTATE		0xc4
#define PV_OFF_STEAL		0xc8
#define PV_OFF_OUT		0xd0
#define PV_OFF_DFRAME		0x100
#define PV_OFF_RANGES		0x180
#define PV_OFF_GUEST		0xf00
#define PV_VCPU_SIZE		0x1000

/* ELF note of the image: owner "PVGUEST", this type, struct pv_note as descriptor. */
#define PV_NOTE_OWNER		"PVGUEST"
#define PV_NOTE_TYPE		1

#ifndef __ASSEMBLER__

typedef __UINT8_TYPE__ pv_u8;
typedef __INT8_TYPE__ pv_s8;
typedef __UINT16_TYPE__ pv_u16;
typedef __UINT32_TYPE__ pv_u32;
typedef __UINT64_TYPE__ pv_u64;

/**
 * struct pv_clock - guest time from the TSC
 * @version: odd while the host changes the other fields
 * @flags: bit 0: the fields are good on every vCPU, not only on this page's
 * @tsc: time stamp counter at @ns
 * @ns: guest time at @tsc
 * @mul: 2^32-th nanoseconds a (shifted) tick
 * @shift: ticks are shifted left by this, or right by its negative, first
 * @reserved0: 0
 * @wall_ns: real time at guest time 0
 * @reserved1: 0
 *
 * ns_now = @ns + (((rdtsc - @tsc) << @shift) * @mul >> 32), 96-bit product; read
 * @version before and after, again if odd or changed.
 */
struct pv_clock {
	pv_u32 version;
	pv_u32 flags;
	pv_u64 tsc;
	pv_u64 ns;
	pv_u32 mul;
	pv_s8 shift;
	pv_u8 reserved0[3];
	pv_u64 wall_ns;
	pv_u64 reserved1[3];
};

#define PV_CLOCK_F_STABLE	1

/**
 * struct pv_range - pages of an address space, an operand of PV_HC_RET_USER
 * @va: first byte; the low 12 bits are ignored
 * @npages: number of pages of 4 KiB
 * @flags: PV_RANGE_*
 */
struct pv_range {
	pv_u64 va;
	pv_u32 npages;
	pv_u32 flags;
};

/**
 * struct pv_dframe - state at a double fault
 * @ip: of the second fault
 * @sp: of the second fault
 * @flags: of the second fault
 * @addr: as in the frame that could not be delivered
 * @error: as in the frame that could not be delivered
 * @cause: as in the frame that could not be delivered
 * @vector: as in the frame that could not be delivered
 * @reserved: 0
 */
struct pv_dframe {
	pv_u64 ip;
	pv_u64 sp;
	pv_u64 flags;
	pv_u64 addr;
	pv_u32 error;
	pv_u8 cause;
	pv_u8 vector;
	pv_u8 reserved[90];
};

/**
 * struct pv_vcpu - the page a vCPU and the host share
 * @mask: not 0: no events in kernel mode. Plain stores of the guest; the host sets it at entry
 * @busy: not 0: the kernel frame holds state not yet saved. Set by the host, cleared by the guest
 * @cause: PV_CAUSE_* of the last entry from user mode (not written for SYSCALL)
 * @vector: of a PV_CAUSE_TRAP
 * @error: the CPU's error code
 * @pending: event bits; set by the host, cleared by the guest (atomically)
 * @kernel_sp: RSP of the next entry from user mode; the guest's at any time
 * @addr: #PF: linear address; #DB: DR6
 * @ip: user RIP
 * @sp: user RSP
 * @flags: user RFLAGS
 * @cs: user CS
 * @ss: user SS
 * @ret_flags: PV_RET_*, read by PV_HC_RET_USER
 * @ax: user RAX for PV_HC_RET_USER; never written by the host
 * @cx: user RCX for PV_HC_RET_USER; never written by the host
 * @r11: user R11 for PV_HC_RET_USER; never written by the host
 * @user_root: with PV_RET_ROOT
 * @kip: RIP interrupted in kernel mode
 * @kflags: RFLAGS interrupted in kernel mode
 * @kcause: as @cause, for the kernel frame, and PV_KCAUSE_MASKED
 * @kvector: as @vector, for the kernel frame
 * @kerror: as @error, for the kernel frame
 * @kaddr: as @addr, for the kernel frame
 * @clock: guest time
 * @index: number of this vCPU, from 0
 * @runstate: PV_RUN_*, with PV_FEAT_STEAL
 * @steal_ns: time this vCPU had work and no CPU, with PV_FEAT_STEAL
 * @out: results of PV_HC_CPUID: eax, ebx, ecx, edx
 * @dframe: written before the double fault entry
 * @ranges: operands of PV_HC_RET_USER
 * @guest: never touched by the host
 * @reserved0: 0
 * @reserved1: 0
 * @reserved2: 0
 *
 * The host reads every field at most once a use and trusts none of them. All
 * reserved bytes are zero: a guest must not write them.
 */
struct pv_vcpu {
	/* Hot: entry from user mode, return to it, events. */
	pv_u8 mask;
	pv_u8 busy;
	pv_u8 cause;
	pv_u8 vector;
	pv_u32 error;
	pv_u64 pending;
	pv_u64 kernel_sp;
	pv_u64 addr;
	pv_u64 ip;
	pv_u64 sp;
	pv_u64 flags;
	pv_u16 cs;
	pv_u16 ss;
	pv_u32 ret_flags;
	pv_u64 ax;
	pv_u64 cx;
	pv_u64 r11;
	pv_u64 user_root;
	pv_u64 kip;
	pv_u64 kflags;
	pv_u8 kcause;
	pv_u8 kvector;
	pv_u16 reserved0;
	pv_u32 kerror;
	pv_u64 kaddr;
	/* Cold. */
	struct pv_clock clock;
	pv_u32 index;
	pv_u32 runstate;
	pv_u64 steal_ns;
	pv_u32 out[4];
	pv_u64 reserved1[4];
	struct pv_dframe dframe;
	struct pv_range ranges[PV_MAX_RET_RANGES];
	pv_u8 reserved2[0xd00];
	pv_u8 guest[0x100];
};

/**
 * struct pv_call - one entry of PV_HC_BATCH
 * @nr: FLUSH, ANNOUNCE, DROP_ROOT, IPI, SET_TIMER, DOORBELL, DISCARD or NOP
 * @arg: rdi, rsi, rdx of that call
 *
 * The batch ends at the first call that fails.
 */
struct pv_call {
	pv_u64 nr;
	pv_u64 arg[3];
};

/* ------------------------------------------------------------- boot */

#define PV_BOOT_MAGIC		0x30544f4f42565021	/* "!PVBOOT0" */

/* pv_memory.type */
#define PV_MEM_RAM		1
#define PV_MEM_LOADER		2	/* RAM once the guest has done with boot information */
#define PV_MEM_KERNEL		3	/* the image */
#define PV_MEM_INITRD		4
#define PV_MEM_VCPU		5	/* vCPU pages: vCPU i at base + i * 4096 */

/**
 * struct pv_memory - one range of guest physical memory
 * @base: first byte, a multiple of 4096
 * @size: bytes, a multiple of 4096
 * @type: PV_MEM_*
 * @reserved: 0
 */
struct pv_memory {
	pv_u64 base;
	pv_u64 size;
	pv_u32 type;
	pv_u32 reserved;
};

/* pv_device.type */
#define PV_DEV_CONSOLE		1	/* PV_HC_CONSOLE_*, PV_EVENT_CONSOLE */
#define PV_DEV_VIRTIO		2	/* virtio-mmio version 2 registers by PV_HC_DEV_* */

/**
 * struct pv_device - one device
 * @type: PV_DEV_*
 * @id: PV_DEV_VIRTIO: virtio device type (1 network, 2 block ...)
 * @event: event bit it raises
 * @vcpu: vCPU that receives it
 *
 * The index in the table is the device number of the PV_HC_DEV_* calls.
 */
struct pv_device {
	pv_u32 type;
	pv_u32 id;
	pv_u32 event;
	pv_u32 vcpu;
};

/**
 * struct pv_boot - what the loader tells the first vCPU; its address is in rdi
 * @magic: PV_BOOT_MAGIC
 * @major: ABI the loader and the host speak
 * @minor: ABI the loader and the host speak
 * @size: of this structure as the loader knows it
 * @features: granted: the guest enables those it wants by PV_HC_FEATURES
 * @nr_vcpus: vCPU 0 runs, the others wait for PV_HC_VCPU_START
 * @nr_memory: entries of the memory map
 * @nr_devices: entries of the device table
 * @reserved0: 0
 * @memory: gpa of struct pv_memory[@nr_memory], ascending, not overlapping
 * @devices: gpa of struct pv_device[@nr_devices]
 * @cmdline: gpa of a NUL-terminated string, 0 if none
 * @initrd: gpa, 0 if none
 * @initrd_size: bytes
 * @vcpu_pages: gpa of the page of vCPU 0
 * @root: gpa of the page-table root vCPU 0 starts on
 * @ram_bytes: sum of everything but PV_MEM_VCPU
 * @seed: random bytes for the guest's generator
 * @reserved: 0
 *
 * All gpas are also readable at PV_VA_DIRECT + gpa on the boot page tables.
 */
struct pv_boot {
	pv_u64 magic;
	pv_u16 major;
	pv_u16 minor;
	pv_u32 size;
	pv_u64 features;
	pv_u32 nr_vcpus;
	pv_u32 nr_memory;
	pv_u32 nr_devices;
	pv_u32 reserved0;
	pv_u64 memory;
	pv_u64 devices;
	pv_u64 cmdline;
	pv_u64 initrd;
	pv_u64 initrd_size;
	pv_u64 vcpu_pages;
	pv_u64 root;
	pv_u64 ram_bytes;
	pv_u8 seed[32];
	pv_u64 reserved[13];
};

/**
 * struct pv_note - what an image asks for
 * @major: must be the host's
 * @minor: must not be above the host's
 * @reserved: 0
 * @required: features without which it must not be started
 * @wanted: features it can use
 */
struct pv_note {
	pv_u16 major;
	pv_u16 minor;
	pv_u32 reserved;
	pv_u64 required;
	pv_u64 wanted;
};

/* ------------------------------------------------------------- layout checks */

#ifdef __cplusplus
#define PV_ASSERT(cond)		static_assert(cond, #cond)
#else
#define PV_ASSERT(cond)		_Static_assert(cond, #cond)
#endif
#define PV_AT(type, field, off)	PV_ASSERT(__builtin_offsetof(struct type, field) == (off))
#define PV_SIZE(type, size)	PV_ASSERT(sizeof(struct type) == (size))

PV_AT(pv_clock, version, 0);
PV_AT(pv_clock, flags, 4);
PV_AT(pv_clock, tsc, 8);
PV_AT(pv_clock, ns, 16);
PV_AT(pv_clock, mul, 24);
PV_AT(pv_clock, shift, 28);
PV_AT(pv_clock, reserved0, 29);
PV_AT(pv_clock, wall_ns, 32);
PV_AT(pv_clock, reserved1, 40);
PV_SIZE(pv_clock, 64);

PV_AT(pv_range, va, 0);
PV_AT(pv_range, npages, 8);
PV_AT(pv_range, flags, 12);
PV_SIZE(pv_range, 16);

PV_AT(pv_dframe, ip, 0);
PV_AT(pv_dframe, sp, 8);
PV_AT(pv_dframe, flags, 16);
PV_AT(pv_dframe, addr, 24);
PV_AT(pv_dframe, error, 32);
PV_AT(pv_dframe, cause, 36);
PV_AT(pv_dframe, vector, 37);
PV_AT(pv_dframe, reserved, 38);
PV_SIZE(pv_dframe, 128);

PV_AT(pv_vcpu, mask, PV_OFF_MASK);
PV_AT(pv_vcpu, busy, PV_OFF_BUSY);
PV_AT(pv_vcpu, cause, PV_OFF_CAUSE);
PV_AT(pv_vcpu, vector, PV_OFF_VECTOR);
PV_AT(pv_vcpu, error, PV_OFF_ERROR);
PV_AT(pv_vcpu, pending, PV_OFF_PENDING);
PV_AT(pv_vcpu, kernel_sp, PV_OFF_KERNEL_SP);
PV_AT(pv_vcpu, addr, PV_OFF_ADDR);
PV_AT(pv_vcpu, ip, PV_OFF_IP);
PV_AT(pv_vcpu, sp, PV_OFF_SP);
PV_AT(pv_vcpu, flags, PV_OFF_FLAGS);
PV_AT(pv_vcpu, cs, PV_OFF_CS);
PV_AT(pv_vcpu, ss, PV_OFF_SS);
PV_AT(pv_vcpu, ret_flags, PV_OFF_RET_FLAGS);
PV_AT(pv_vcpu, ax, PV_OFF_AX);
PV_AT(pv_vcpu, cx, PV_OFF_CX);
PV_AT(pv_vcpu, r11, PV_OFF_R11);
PV_AT(pv_vcpu, user_root, PV_OFF_USER_ROOT);
PV_AT(pv_vcpu, kip, PV_OFF_KIP);
PV_AT(pv_vcpu, kflags, PV_OFF_KFLAGS);
PV_AT(pv_vcpu, kcause, PV_OFF_KCAUSE);
PV_AT(pv_vcpu, kvector, PV_OFF_KVECTOR);
PV_AT(pv_vcpu, reserved0, 0x72);
PV_AT(pv_vcpu, kerror, PV_OFF_KERROR);
PV_AT(pv_vcpu, kaddr, PV_OFF_KADDR);
PV_AT(pv_vcpu, clock, PV_OFF_CLOCK);
PV_AT(pv_vcpu, index, PV_OFF_INDEX);
PV_AT(pv_vcpu, runstate, PV_OFF_RUNSTATE);
PV_AT(pv_vcpu, steal_ns, PV_OFF_STEAL);
PV_AT(pv_vcpu, out, PV_OFF_OUT);
PV_AT(pv_vcpu, reserved1, 0xe0);
PV_AT(pv_vcpu, dframe, PV_OFF_DFRAME);
PV_AT(pv_vcpu, ranges, PV_OFF_RANGES);
PV_AT(pv_vcpu, reserved2, 0x200);
PV_AT(pv_vcpu, guest, PV_OFF_GUEST);
PV_SIZE(pv_vcpu, PV_VCPU_SIZE);

PV_AT(pv_call, nr, 0);
PV_AT(pv_call, arg, 8);
PV_SIZE(pv_call, 32);

PV_AT(pv_memory, base, 0);
PV_AT(pv_memory, size, 8);
PV_AT(pv_memory, type, 16);
PV_AT(pv_memory, reserved, 20);
PV_SIZE(pv_memory, 24);

PV_AT(pv_device, type, 0);
PV_AT(pv_device, id, 4);
PV_AT(pv_device, event, 8);
PV_AT(pv_device, vcpu, 12);
PV_SIZE(pv_device, 16);

PV_AT(pv_boot, magic, 0);
PV_AT(pv_boot, major, 8);
PV_AT(pv_boot, minor, 10);
PV_AT(pv_boot, size, 12);
PV_AT(pv_boot, features, 16);
PV_AT(pv_boot, nr_vcpus, 24);
PV_AT(pv_boot, nr_memory, 28);
PV_AT(pv_boot, nr_devices, 32);
PV_AT(pv_boot, reserved0, 36);
PV_AT(pv_boot, memory, 40);
PV_AT(pv_boot, devices, 48);
PV_AT(pv_boot, cmdline, 56);
PV_AT(pv_boot, initrd, 64);
PV_AT(pv_boot, initrd_size, 72);
PV_AT(pv_boot, vcpu_pages, 80);
PV_AT(pv_boot, root, 88);
PV_AT(pv_boot, ram_bytes, 96);
PV_AT(pv_boot, seed, 104);
PV_AT(pv_boot, reserved, 136);
PV_SIZE(pv_boot, 240);

PV_AT(pv_note, major, 0);
PV_AT(pv_note, minor, 2);
PV_AT(pv_note, reserved, 4);
PV_AT(pv_note, required, 8);
PV_AT(pv_note, wanted, 16);
PV_SIZE(pv_note, 24);

#endif /* __ASSEMBLER__ */
#endif /* PV_ABI_H */
