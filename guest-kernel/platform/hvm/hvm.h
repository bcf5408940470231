/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of platform/hvm share. Nothing outside includes it.
 */
#ifndef _HVM_H
#define _HVM_H

#include <compiler.h>
#include <platform/trap.h>
#include <plat/x86.h>

#include "mitigate.h"
#include "percpu.h"

/* Interrupt vectors. Lines (GSIs and MSIs) have VECTOR_IRQ0 + irq. */
#define VECTOR_PIC	0x20		/* 16: where the masked 8259s would come in */
#define VECTOR_IRQ0	0x30
#define NR_LINES	0xc0
#define VECTOR_TIMER	0xf0
#define VECTOR_RESCHED	0xf1
#define VECTOR_CALL	0xf2
#define VECTOR_ERROR	0xfe
#define VECTOR_SPURIOUS	0xff

/* cpu.c: what this CPU model has; set before kernel_main(), then constant. */
struct cpu_features {
	bool nx, gbpages, pge, smep, umip, xsave, xsaveopt, x2apic, tsc_deadline, invariant_tsc;
	bool mce, hypervisor, tsc_aux;
};
extern struct cpu_features cpu_has;
extern bool hvm_has_smap;		/* by itself: assembly looks at it */

/* Family and model as CPUID displays them. */
struct cpu_model {
	bool amd;			/* or Hygon */
	u32 family, model;
};
struct cpu_model cpu_model(void);
u64 cpu_arch_capabilities(void);
void cpu_detect(void);
void cpu_setup(u32 cpu);	/* control registers, descriptor tables, system-call entry */

/* cpu_reset.c */
void cpu_reset_registers(u32 cpu);

/* mce.c */
void mce_setup_cpu(void);
void mce_trap(struct trapframe *tf);

/* gdt.c, idt.c */
void gdt_load(struct hvm_cpu *c, unsigned long ist_stacks);
void idt_init(void);
void idt_load(void);
unsigned long idt_address(void);

/* Loaded at the start of an additional CPU, from trampoline.S. */
extern char hvm_trampoline[], hvm_trampoline_end[];

/* paging.c */
extern paddr_t hvm_root;		/* the kernel's own top-level table */
extern bool hvm_pages_ready;		/* alloc_page() works */
void paging_init(void);
void tlb_flush_global(void);

/* uaccess.c: the exception table: where to go on if the instruction at @insn faults */
#define EXTABLE(insn, fixup) \
	".pushsection .ex_table, \"a\"\n\t.balign 4\n\t" \
	".long " insn " - ., " fixup " - .\n\t.popsection\n"
bool extable_find(unsigned long ip);
bool extable_fixup(struct trapframe *tf);

/* entry.S, trap.c */
void hvm_syscall_entry(void);
void hvm_syscall32_entry(void);
void hvm_enter_user(struct trapframe *tf) __noreturn;
void hvm_call_on_stack(unsigned long top, void (*fn)(u64 arg), u64 arg) __noreturn;
void hvm_trap_user(struct trapframe *tf, u32 vector);
void hvm_trap_kernel(struct trapframe *tf, u32 vector);
void hvm_trap_ist(struct trapframe *tf, u32 vector);
void hvm_unblock_nmi(void);
extern char hvm_trap_stubs[];

/* start.c: entered by platform/hvm/boot/head.S */
void hvm_start(void) __noreturn;

/* apic.c */
void apic_init(void);
void apic_setup(void);			/* this CPU's */
u32 apic_id(void);
void apic_eoi(void);
void apic_send_ipi(u32 apic_id, u32 vector);
void apic_send_nmi(u32 apic_id);
void apic_send_init(u32 apic_id);
void apic_send_startup(u32 apic_id, paddr_t page);
void apic_timer_arm(u64 delta_ns);
void apic_timer_calibrate(void);
void apic_error_interrupt(void);

/* ioapic.c */
void ioapic_init(void);

/* pic.c: the two 8259s, only ever masked */
void pic_disable(void);

/* clock.c and its sources */
void clock_init(void);
void clock_answer(u32 cpu);
bool clock_compare(u32 cpu);
bool hpet_init(paddr_t base);
bool hpet_present(void);
u64 hpet_ns(void);
void pit_start(void);
u64 pit_ns(void);
u64 tsc_calibrate(void);		/* Hz */
extern u64 tsc_hz;

/* smp.c, smp_boot.c */
extern unsigned long online_cpus;	/* bit per CPU that takes interrupts; atomic */
void smp_find_cpus(void);
void smp_reserve_trampoline(void);
void smp_call_interrupt(void);
bool smp_stopping(void);
bool smp_trace_wanted(const struct trapframe *tf);
void smp_halt(void) __noreturn;

/* The stack on which traps of the running thread are handled; with KPTI they come in on another. */
static inline void hvm_set_kstack(struct hvm_cpu *c, unsigned long top)
{
	c->kstack_top = top;
	c->tss.rsp[0] = mitigated(MIT_KPTI) ? c->entry_top : top;
}

#endif /* _HVM_H */
