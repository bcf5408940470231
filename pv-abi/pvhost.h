/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * /dev/pvhost: how a launcher makes and runs paravirtual machines.
 *
 * Three kinds of file: the device, a machine (PVHOST_CREATE_VM), a vCPU
 * (PVHOST_CREATE_VCPU).  Every structure passed to an ioctl starts with its size,
 * as the caller knows it: a shorter one is completed with zeros, a longer one is
 * taken if the rest is zero.  All flags, padding and reserved fields must be zero.
 * The guest side of the contract is linux/pv_abi.h.
 */
#ifndef _UAPI_LINUX_PVHOST_H
#define _UAPI_LINUX_PVHOST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PVHOST_IOC		0xBA

/* on the device */
#define PVHOST_GET_INFO		_IO(PVHOST_IOC, 0x00)	/* struct pvhost_info */
#define PVHOST_CREATE_VM	_IO(PVHOST_IOC, 0x01)	/* struct pvhost_create_vm; a fd */
#define PVHOST_GET_SUPPORTED_CPUID _IO(PVHOST_IOC, 0x02) /* struct pvhost_cpuid */
/* on a machine */
#define PVHOST_SET_MEMORY	_IO(PVHOST_IOC, 0x10)	/* struct pvhost_memory */
#define PVHOST_CREATE_VCPU	_IO(PVHOST_IOC, 0x11)	/* struct pvhost_create_vcpu; a fd */
#define PVHOST_BIND_DOORBELL	_IO(PVHOST_IOC, 0x12)	/* struct pvhost_doorbell */
#define PVHOST_BIND_EVENT	_IO(PVHOST_IOC, 0x13)	/* struct pvhost_event */
#define PVHOST_INJECT		_IO(PVHOST_IOC, 0x14)	/* struct pvhost_inject */
#define PVHOST_GET_CLOCK	_IO(PVHOST_IOC, 0x15)	/* struct pvhost_clock */
#define PVHOST_SET_CLOCK	_IO(PVHOST_IOC, 0x16)	/* struct pvhost_clock; no vCPU running */
#define PVHOST_GET_VM_STATS	_IO(PVHOST_IOC, 0x17)	/* struct pvhost_vm_stats */
#define PVHOST_VM_STATS_FD	_IO(PVHOST_IOC, 0x18)	/* 0; a fd: see struct pvhost_vm_stats */
#define PVHOST_GET_CPUID	_IO(PVHOST_IOC, 0x19)	/* struct pvhost_cpuid */
#define PVHOST_SET_CPUID	_IO(PVHOST_IOC, 0x1a)	/* struct pvhost_cpuid; before any RUN */
/* on a vCPU */
#define PVHOST_RUN		_IO(PVHOST_IOC, 0x20)	/* 0 */
#define PVHOST_GET_STATE	_IO(PVHOST_IOC, 0x21)	/* struct pvhost_state */
#define PVHOST_SET_STATE	_IO(PVHOST_IOC, 0x22)	/* struct pvhost_state */
#define PVHOST_GET_XSTATE	_IO(PVHOST_IOC, 0x23)	/* struct pvhost_xstate */
#define PVHOST_SET_XSTATE	_IO(PVHOST_IOC, 0x24)	/* struct pvhost_xstate */
#define PVHOST_GET_STATS	_IO(PVHOST_IOC, 0x25)	/* struct pvhost_stats */
#define PVHOST_STATS_FD		_IO(PVHOST_IOC, 0x26)	/* 0; a fd: see struct pvhost_stats */

/**
 * struct pvhost_info - what this host offers
 * @size: of the structure
 * @flags: 0
 * @abi_major: PV_ABI_MAJOR it speaks
 * @abi_minor: highest PV_ABI_MINOR it speaks
 * @features: PV_FEAT_* it can grant
 * @max_vcpus: of a machine
 * @max_slots: memory slots of a machine
 * @max_doorbells: of a machine
 * @reserved: 0
 */
struct pvhost_info {
	__u32 size;
	__u32 flags;
	__u32 abi_major;
	__u32 abi_minor;
	__u64 features;
	__u32 max_vcpus;
	__u32 max_slots;
	__u32 max_doorbells;
	__u32 reserved;
};

/**
 * struct pvhost_create_vm - a new machine
 * @size: of the structure
 * @flags: 0
 * @abi_major: of the image's note (struct pv_note)
 * @abi_minor: of the image's note
 * @required: of the image's note; -EOPNOTSUPP and @granted if the host lacks one
 * @wanted: of the image's note
 * @granted: out: features the guest may enable
 * @vcpu_pages: gpa at which vCPU i's page appears, + i * 4096; not in a memory slot
 *
 * The calling process owns the machine: only its threads can run vCPUs, and its
 * address space backs the memory.  Returns a file descriptor (O_CLOEXEC).
 * -EPROTONOSUPPORT: the ABI version is not spoken here.
 */
struct pvhost_create_vm {
	__u32 size;
	__u32 flags;
	__u32 abi_major;
	__u32 abi_minor;
	__u64 required;
	__u64 wanted;
	__u64 granted;
	__u64 vcpu_pages;
};

/**
 * struct pvhost_memory - a range of guest physical memory
 * @size: of the structure
 * @flags: PVHOST_MEM_*
 * @slot: number of the slot to set or remove
 * @reserved: 0
 * @gpa: first guest physical address, multiple of 4096
 * @bytes: multiple of 4096; 0 removes the slot
 * @hva: address in the caller, multiple of 4096
 *
 * What is mapped at @hva has to be shared memory: a memfd's or of a tmpfs, shared
 * anonymous memory, or hugetlb. EINVAL if it is not; if it is replaced by something
 * else later, a guest that touches it ends with PVHOST_EXIT_MEMORY.
 */
struct pvhost_memory {
	__u32 size;
	__u32 flags;
	__u32 slot;
	__u32 reserved;
	__u64 gpa;
	__u64 bytes;
	__u64 hva;
};

#define PVHOST_MEM_READONLY	1	/* the guest's stores fault */

/**
 * struct pvhost_create_vcpu - a new vCPU
 * @size: of the structure
 * @flags: 0
 * @index: from 0; vCPU 0 starts online, the others wait for PV_HC_VCPU_START
 * @reserved: 0
 *
 * Returns a file descriptor (O_CLOEXEC) whose first page maps as struct
 * pvhost_run and whose second page is the guest's struct pv_vcpu.
 */
struct pvhost_create_vcpu {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 reserved;
};

#define PVHOST_UNBIND		1	/* flag of the two bindings */

/**
 * struct pvhost_doorbell - PV_HC_DOORBELL signals an eventfd
 * @size: of the structure
 * @flags: 0 or PVHOST_UNBIND
 * @device: rdi of the call
 * @queue: rsi of the call
 * @fd: eventfd; ignored with PVHOST_UNBIND
 * @reserved: 0
 *
 * An unbound doorbell is an exit, PVHOST_EXIT_DOORBELL.
 */
struct pvhost_doorbell {
	__u32 size;
	__u32 flags;
	__u32 device;
	__u32 queue;
	__s32 fd;
	__u32 reserved;
};

/**
 * struct pvhost_event - an eventfd sets an event bit
 * @size: of the structure
 * @flags: 0 or PVHOST_UNBIND
 * @vcpu: index of the receiver
 * @bit: event, PV_EVENT_CONSOLE to 63
 * @fd: eventfd
 * @reserved: 0
 */
struct pvhost_event {
	__u32 size;
	__u32 flags;
	__u32 vcpu;
	__u32 bit;
	__s32 fd;
	__u32 reserved;
};

/**
 * struct pvhost_inject - set event bits at once
 * @size: of the structure
 * @flags: 0
 * @vcpu: index of the receiver
 * @reserved: 0
 * @bits: mask of events
 */
struct pvhost_inject {
	__u32 size;
	__u32 flags;
	__u32 vcpu;
	__u32 reserved;
	__u64 bits;
};

/**
 * struct pvhost_clock - guest time
 * @size: of the structure
 * @flags: 0
 * @ns: guest monotonic time
 * @wall_ns: get: real time at guest time 0; set: 0
 */
struct pvhost_clock {
	__u32 size;
	__u32 flags;
	__u64 ns;
	__u64 wall_ns;
};

/**
 * struct pvhost_cpuid_entry - what CPUID gives for a leaf
 * @leaf: eax before
 * @subleaf: ecx before, with PVHOST_CPUID_SUBLEAF; else 0, and ecx does not matter
 * @flags: 0 or PVHOST_CPUID_SUBLEAF
 * @eax: result
 * @ebx: result
 * @ecx: result
 * @edx: result
 * @reserved: 0
 */
struct pvhost_cpuid_entry {
	__u32 leaf;
	__u32 subleaf;
	__u32 flags;
	__u32 eax;
	__u32 ebx;
	__u32 ecx;
	__u32 edx;
	__u32 reserved;
};

#define PVHOST_CPUID_SUBLEAF	1	/* the leaf has several subleaves */
#define PVHOST_MAX_CPUID	128	/* entries of a table */

/**
 * struct pvhost_cpuid - the CPU that a machine's guest is shown
 * @size: of the structure
 * @flags: 0
 * @entries: address in the caller of an array of struct pvhost_cpuid_entry
 * @nr: in: entries in the array; out, of the two that get: entries there are. -E2BIG and @nr
 *	if there is no room for all
 * @reserved: 0
 *
 * PVHOST_GET_SUPPORTED_CPUID gives the most that this host can show, which is what a new machine
 * has. PVHOST_SET_CPUID replaces a machine's table as a whole: -EINVAL if a leaf is not among those
 * supported or is there twice, if a feature is not among those supported, or if one of the figures
 * that describe the host (addresses, caches, the layout of XSAVE) is another. Vendor, family,
 * model, stepping and name may be any. The highest leaves of a range (eax of 0 and 0x80000000) may
 * be lower. What is not in the table is 0. -EBUSY after the first RUN of any vCPU.
 *
 * Not in the table: the leaves from 0x40000000, which are the host's own, and where a leaf has the
 * number of the processor (1: ebx, bits 31 to 24; 0xb and 0x1f: edx), the vCPU's.
 */
struct pvhost_cpuid {
	__u32 size;
	__u32 flags;
	__u64 entries;
	__u32 nr;
	__u32 reserved;
};

#define PVHOST_MODE_KERNEL	0
#define PVHOST_MODE_USER	1

/* pvhost_state.run_flags */
#define PVHOST_STATE_OFFLINE	1	/* waits for PV_HC_VCPU_START */
#define PVHOST_STATE_SHARED	2	/* user root set with PV_ROOT_SHARED */
#define PVHOST_STATE_DFAULT	4	/* the double fault entry has been used up */
#define PVHOST_STATE_BLOCKED	8	/* in PV_HC_BLOCK, woken by any event */

/**
 * struct pvhost_state - a vCPU that does not run, except xstate and its page
 * @size: of the structure
 * @flags: 0
 * @rax: general registers
 * @rbx: general registers
 * @rcx: general registers
 * @rdx: general registers
 * @rsi: general registers
 * @rdi: general registers
 * @rsp: general registers
 * @rbp: general registers
 * @r8: general registers
 * @r9: general registers
 * @r10: general registers
 * @r11: general registers
 * @r12: general registers
 * @r13: general registers
 * @r14: general registers
 * @r15: general registers
 * @rip: instruction pointer; may be any canonical address, for a jump is done before it faults
 * @rflags: flags
 * @fs_base: base of FS
 * @gs_base: base of GS
 * @cs: PV_CS64, or in user mode PV_CS32
 * @mode: PVHOST_MODE_*
 * @run_flags: PVHOST_STATE_*
 * @reserved: 0
 * @kernel_root: gpa, or PV_ANY where a vCPU has never been started
 * @user_root: gpa, or PV_ANY if none is set
 * @entry: syscall, user, kernel, double fault: PV_HC_SET_ENTRIES
 * @dfault_sp: stack of the double fault entry
 * @timer: guest ns, 0: none
 * @deadline: guest ns PV_HC_BLOCK waits for at most, with PVHOST_STATE_BLOCKED
 * @features: enabled by the guest
 * @ds: selector; in PVHOST_SET_STATE the host makes its RPL 3, and what cannot be loaded 0
 * @es: selector
 * @fs: selector; the base is @fs_base, whatever it is
 * @gs: selector; the base is @gs_base, whatever it is
 *
 * A snapshot is: memory, per vCPU this, xstate and the vCPU page, and the clock. Where the
 * last exit wants a result that RUN has not taken yet, set &struct pvhost_run.result before
 * PVHOST_GET_STATE, which then shows it in @rax.
 *
 * It is taken in any order but one: PVHOST_GET_STATE before the vCPU page, since a timer that fires
 * in the meantime is in one or the other of them (or in both: an event too many does no harm).
 *
 * It is restored in this order: memory, PVHOST_SET_CLOCK (a timer is set by it), and of every
 * vCPU page, xstate and state. After PVHOST_SET_STATE the next RUN writes the page's clock.
 * A call that fails has changed nothing.
 */
struct pvhost_state {
	__u32 size;
	__u32 flags;
	__u64 rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp;
	__u64 r8, r9, r10, r11, r12, r13, r14, r15;
	__u64 rip, rflags;
	__u64 fs_base, gs_base;
	__u16 cs;
	__u16 mode;
	__u16 run_flags;
	__u16 reserved;
	__u64 kernel_root;
	__u64 user_root;
	__u64 entry[4];
	__u64 dfault_sp;
	__u64 timer;
	__u64 deadline;
	__u64 features;
	__u16 ds, es, fs, gs;
};

/**
 * struct pvhost_xstate - FPU and vector registers, PKRU: an XSAVE image
 * @size: of the structure
 * @flags: 0
 * @addr: of a buffer in the caller
 * @bytes: in: of the buffer; out: used. -E2BIG and @bytes if too small
 */
struct pvhost_xstate {
	__u32 size;
	__u32 flags;
	__u64 addr;
	__u64 bytes;
};

/* pvhost_run.reason */
#define PVHOST_EXIT_NONE	0
#define PVHOST_EXIT_INTR	1	/* RUN returned -EINTR: a signal, or immediate_exit */
#define PVHOST_EXIT_CONSOLE_WRITE 2	/* console; result: bytes taken */
#define PVHOST_EXIT_CONSOLE_READ 3	/* console; result: bytes put there */
#define PVHOST_EXIT_DEV_READ	4	/* dev; result: the value */
#define PVHOST_EXIT_DEV_WRITE	5	/* dev; result: 0 or -errno */
#define PVHOST_EXIT_DOORBELL	6	/* dev, not bound; result: 0 or -errno */
#define PVHOST_EXIT_SHUTDOWN	7	/* shutdown */
#define PVHOST_EXIT_DOUBLE_FAULT 8	/* fault: this vCPU cannot go on */
#define PVHOST_EXIT_MEMORY	9	/* fault.addr: gpa whose backing is gone */
#define PVHOST_EXIT_NOMEM	10	/* the host or a limit lacks memory; RUN may do later */
#define PVHOST_EXIT_MAX		16	/* room in the statistics */

/**
 * struct pvhost_run - first page of a vCPU's file
 * @immediate_exit: not 0: the next RUN returns -EINTR before any guest instruction, and
 *	without waiting for what a blocked or offline vCPU waits for
 * @reserved0: 0
 * @reason: PVHOST_EXIT_* of the last RUN
 * @reserved1: 0
 * @result: what the guest's hypercall returns, set by the launcher before RUN
 * @rip: where the guest was
 * @console: PVHOST_EXIT_CONSOLE_*
 * @console.gpa: buffer; it may cross slots, so translate every page
 * @console.len: bytes, at most PV_MAX_CONSOLE
 * @dev: PVHOST_EXIT_DEV_*, PVHOST_EXIT_DOORBELL
 * @dev.device: index in the device table
 * @dev.offset: register, or queue of a doorbell
 * @dev.width: 1, 2, 4
 * @dev.reserved: 0
 * @dev.value: of a write
 * @shutdown: PVHOST_EXIT_SHUTDOWN
 * @shutdown.how: PV_SHUTDOWN_*
 * @shutdown.status: exit status
 * @shutdown.gpa: of a message
 * @shutdown.len: bytes of it, 0 if none
 * @fault: PVHOST_EXIT_DOUBLE_FAULT, PVHOST_EXIT_MEMORY
 * @fault.cause: PV_CAUSE_*
 * @fault.vector: trap
 * @fault.error: error code
 * @fault.addr: linear address, or gpa
 * @fault.sp: stack pointer
 * @raw: the union's size
 */
struct pvhost_run {
	__u8 immediate_exit;
	__u8 reserved0[7];
	__u32 reason;
	__u32 reserved1;
	__s64 result;
	__u64 rip;
	union {
		struct {
			__u64 gpa;
			__u64 len;
		} console;
		struct {
			__u64 device;
			__u64 offset;
			__u32 width;
			__u32 reserved;
			__u64 value;
		} dev;
		struct {
			__u64 how;
			__u64 status;
			__u64 gpa;
			__u64 len;
		} shutdown;
		struct {
			__u32 cause;
			__u32 vector;
			__u64 error;
			__u64 addr;
			__u64 sp;
		} fault;
		__u64 raw[12];
	};
};

/**
 * struct pvhost_stats - counters of a vCPU, since it was created
 * @size: of the structure; in what is read from a file, as the host knows it
 * @flags: 0
 * @exits: RUN returned
 * @hypercalls: of all kinds, RET_USER included
 * @syscalls: guest-user system calls
 * @traps: reflected
 * @events: upcalls delivered
 * @fills: shadow entries made on a fault
 * @fills_2m: of them, 2 MiB ones
 * @announced: shadow entries made by an announcement
 * @around: shadow entries made beside a faulting one
 * @flushes: flush operations
 * @switches: address spaces loaded
 * @blocks: PV_HC_BLOCK that slept
 * @ipis: events sent to other vCPUs
 * @kicks: times another CPU had to interrupt this vCPU
 * @yields: PV_HC_YIELD
 * @timers: timer expiries
 * @exit: of @exits, by PVHOST_EXIT_*
 * @barriers: times its branch predictions had to go before somebody else was in user mode
 *
 * PVHOST_STATS_FD gives a file (O_CLOEXEC) from which any process that has it reads the
 * same, whole and as of now if it reads at offset 0.
 */
struct pvhost_stats {
	__u32 size;
	__u32 flags;
	__u64 exits;
	__u64 hypercalls;
	__u64 syscalls;
	__u64 traps;
	__u64 events;
	__u64 fills;
	__u64 fills_2m;
	__u64 announced;
	__u64 around;
	__u64 flushes;
	__u64 switches;
	__u64 blocks;
	__u64 ipis;
	__u64 kicks;
	__u64 yields;
	__u64 timers;
	__u64 exit[PVHOST_EXIT_MAX];
	__u64 barriers;
};

/**
 * struct pvhost_vm_stats - figures of a machine
 * @size: as in struct pvhost_stats
 * @flags: 0
 * @pages: guest pages held now
 * @spaces: shadow address spaces now
 * @table_pages: shadow page-table pages now
 * @evictions: shadow address spaces dropped for room
 * @invalidations: times the launcher's memory changed under the guest
 * @discards: pages given back by PV_HC_DISCARD
 *
 * PVHOST_VM_STATS_FD gives a file of it, as PVHOST_STATS_FD does.
 */
struct pvhost_vm_stats {
	__u32 size;
	__u32 flags;
	__u64 pages;
	__u64 spaces;
	__u64 table_pages;
	__u64 evictions;
	__u64 invalidations;
	__u64 discards;
};

#endif /* _UAPI_LINUX_PVHOST_H */
