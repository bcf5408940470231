/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: what the files of this folder share.
 */
#ifndef _PV_H
#define _PV_H

#include <thread.h>
#include <plat/hypercall.h>

/**
 * struct pv_cpu - what the kernel keeps for one vCPU; used by that vCPU with events masked, but for
 * what is said
 * @page: the page shared with the host; immutable
 * @user_root: root of the next return to user mode, 0: none yet
 * @host_root: root the host has loaded while PV_RET_ROOT waits in @page->guest; else it is
 * @user_root
 * @dfault_stack: lowest address of the stack for double faults
 * @base: FS and GS base that the host has loaded, known only where programs cannot change them
 * themselves
 */
struct pv_cpu {
	struct pv_vcpu *page;
	paddr_t user_root;
	paddr_t host_root;
	unsigned long dfault_stack;
	unsigned long base[2];
};
DECLARE_PER_CPU(struct pv_cpu, pv_cpus);

/* IPI events and their meaning. */
#define PV_IPI_RESCHED PV_EVENT_IPI0
#define PV_IPI_CALL PV_EVENT_IPI1
#define PV_IPI_STOP PV_EVENT_IPI2

extern u64 pv_features; /* enabled; written once at boot */
extern u32 pv_nr_vcpus;

void pv_register_entries(struct pv_cpu *cpu);
void pv_handle_events(struct pv_vcpu *v);
void pv_smp_call_event(void);
void pv_smp_stop_event(void) __noreturn;
void pv_mmu_leave(void); /* before this vCPU switches away from a user thread */
void pv_mitigations_init(void);
void pv_send_ipi(u64 mask, u32 event);

/* entry.S */
void pv_syscall_entry(void);
void pv_user_entry(void);
void pv_kernel_entry(void);
void pv_double_entry(void);
void pv_start_secondary(void);
extern const char pv_irq_save_end[], pv_irq_masked[], pv_irq_masked_end[];
extern const char pv_irq_save[];

/* The word of the vCPU page that the return path (entry.S) hands to the host: PV_RET_ROOT and the
 * number of ranges. */
static inline u32 *pv_ret_bits(struct pv_vcpu *v)
{
	return (u32 *)v->guest;
}

/* Links a CPU's page and a thread to a kernel stack: its last two words. */
static inline void pv_stack_link(unsigned long kstack, struct pv_vcpu *page, struct thread *t)
{
	void **top = (void **)(kstack + KSTACK_SIZE);

	top[-1] = t;
	top[-2] = page;
}

#endif
