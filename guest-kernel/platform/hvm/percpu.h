/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CPU needs at fixed places: GS points here in kernel mode. Included by
 * assembly for the offsets, which thread.c checks.
 */
#ifndef _HVM_PERCPU_H
#define _HVM_PERCPU_H

#define CPU_CURRENT	0
#define CPU_KSTACK_TOP	8
#define CPU_USER_RSP	16
#define CPU_KERNEL_CR3	24
#define CPU_USER_CR3	32
#define CPU_ENTRY_TOP	40
#define CPU_SCRATCH	48
#define CPU_SPEC_CTRL	56
#define CPU_VERW	64

/* Selectors; user mode's are Linux's. Order is what SYSCALL and SYSRET demand. */
#define GDT_KERNEL_CS	0x10
#define GDT_KERNEL_DS	0x18
#define GDT_USER32_CS	0x23
#define GDT_USER_DS	0x2b
#define GDT_USER_CS	0x33
#define GDT_TSS		0x40
#define GDT_ENTRIES	10

/* Interrupt stacks of the TSS: 1-based, SDM vol. 3, 7.14.5. */
#define IST_DB		1
#define IST_NMI		2
#define IST_DF		3
#define IST_MC		4
#define NR_IST		4
#define IST_SIZE	4096

/* Stack of the first instructions after a trap, where programs have tables of their own (kpti.c). */
#define ENTRY_STACK_SIZE 256

#ifndef __ASSEMBLY__

#include <thread.h>

/* Data that the entry code uses before it has the kernel's tables (kpti.c): nothing secret. */
#define __entry_data __section(".bss.entry")

/* Task-state segment, SDM vol. 3, figure 8-11. */
struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __packed;

/**
 * struct hvm_cpu - one CPU
 * @running: the thread that runs here
 * @kstack_top: its kernel stack's top, where SYSCALL starts
 * @user_rsp: scratch of the SYSCALL entry
 * @kernel_cr3: what an entry loads, with KPTI
 * @user_cr3: what an exit loads, with KPTI; without bit 63: it flushes
 * @entry_top: top of @entry_stack
 * @scratch: a register of the exit code
 * @spec_ctrl: IA32_SPEC_CTRL while a program runs
 * @verw_selector: operand of VERW, a valid one
 * @id: kernel's number
 * @apic_id: the local APIC's
 * @ist_stacks: lowest address of NR_IST stacks; the boot CPU has static ones
 * @fsbase: user FS base in the register
 * @gsbase: user GS base in the register
 * @gdt: descriptors
 * @tss: task-state segment
 * @last_mm: number of the address space that has used the predictors last
 * @entry_stack: of ENTRY_STACK_SIZE
 *
 * Lies among the pages that a program's tables map for the entry code: nothing in it is secret.
 * Written by the CPU itself only, but for @id, @apic_id and
 * @ist_stacks, which are set before it starts.
 */
struct hvm_cpu {
	struct thread *running;
	unsigned long kstack_top;
	unsigned long user_rsp;
	u64 kernel_cr3, user_cr3;
	unsigned long entry_top, scratch;
	u64 spec_ctrl;
	u16 verw_selector;
	u32 id;
	u32 apic_id;
	unsigned long ist_stacks;
	unsigned long fsbase, gsbase;
	u64 gdt[GDT_ENTRIES];
	struct tss tss;
	u64 last_mm;
	u8 entry_stack[ENTRY_STACK_SIZE] __aligned(16);
} __cacheline_aligned;

extern struct hvm_cpu hvm_cpus[CONFIG_NR_CPUS];

#endif /* __ASSEMBLY__ */
#endif /* _HVM_PERCPU_H */
