// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV: from the loader's boot information (specification, section 2) to kernel_main().
 */
#define pr_fmt(f) "pv: " f
#include <boot_info.h>
#include <init.h>
#include <log.h>
#include <panic.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <platform/mmu.h>
#include <platform/platform.h>
#include "../x86/entropy.h"
#include "pv.h"

struct boot_info boot_info;
u64 pv_features __ro_after_init;
u32 pv_nr_vcpus __ro_after_init;
DEFINE_PER_CPU(struct pv_cpu, pv_cpus);

static struct {
	u8 bytes[32];
	bool fresh;
} boot_seed; /* used once by platform_entropy(), before other CPUs run */

/* What to do with a machine that cannot be understood: there is no log yet, so the host gets the
 * reason. */
static void __noreturn refuse(const char *why)
{
	hypercall5(PV_HC_SHUTDOWN, PV_SHUTDOWN_PANIC, 1, virt_to_phys(why), strlen(why), 0);
	for (;;)
		cpu_relax();
}

static void add_memory(const struct pv_memory *m)
{
	struct boot_mem *e;

	if (boot_info.nr_mem == BOOT_MEM_MAX) {
		boot_info.nr_mem_lost++;
		return;
	}
	e = &boot_info.mem[boot_info.nr_mem++];
	e->base = m->base;
	e->len = m->size;
	/* The loader's tables stay in use until mmu_init(), and nothing of it is worth the care of
	 * giving it back. */
	e->type = m->type == PV_MEM_VCPU || m->type == PV_MEM_LOADER ? BOOT_MEM_RESERVED
								     : BOOT_MEM_RAM;
}

static void copy_cmdline(const char *line)
{
	/* Bounded by nothing but its end: the specification, section 2. */
	size_t len = strlen(line);

	if (len >= BOOT_CMDLINE_MAX)
		boot_info.cmdline_lost = (u32)(len - (BOOT_CMDLINE_MAX - 1));
	strscpy(boot_info.cmdline, line, sizeof(boot_info.cmdline));
}

static void fill_boot_info(const struct pv_boot *b)
{
	extern const char _text[], _end[];
	const struct pv_memory *m = phys_to_virt(b->memory);

	boot_info.loader = "pv";
	boot_info.kernel_base = virt_to_phys(_text);
	boot_info.kernel_len = (u64)(_end - _text);
	boot_info.initrd_base = b->initrd;
	boot_info.initrd_len = b->initrd_size;
	for (u32 i = 0; i < b->nr_memory; i++)
		if (m[i].size)
			add_memory(&m[i]);
	if (b->cmdline)
		copy_cmdline(phys_to_virt(b->cmdline));
}

/**
 * pv_register_entries - Tell the host where this vCPU enters the kernel.
 * @cpu: this vCPU's
 *
 * Context: masked; again when @cpu->dfault_stack appears. Specification, section 3.1.
 */
void pv_register_entries(struct pv_cpu *cpu)
{
	unsigned long top =
		cpu->dfault_stack ? cpu->dfault_stack + KSTACK_SIZE - PV_STACK_SLOTS : 0;

	hypercall5(PV_HC_SET_ENTRIES, (unsigned long)pv_syscall_entry, (unsigned long)pv_user_entry,
		   (unsigned long)pv_kernel_entry, top ? (unsigned long)pv_double_entry : 0, top);
}

static void enable_features(u64 granted)
{
	u64 wanted = granted & (PV_FEAT_FSGSBASE | PV_FEAT_STEAL | PV_FEAT_TSC_STABLE);

	if (hypercall1(PV_HC_FEATURES, wanted) == 0)
		pv_features = wanted;
}

/**
 * pv_boot_main - First C code of vCPU 0 (entry.S).
 * @b: boot information, readable on the loader's page tables
 *
 * Context: masked, on boot_stack with current = &boot_thread.
 */
void __noreturn pv_boot_main(const struct pv_boot *b);
void __noreturn pv_boot_main(const struct pv_boot *b)
{
	struct pv_cpu *cpu = &pv_cpus[0];

	if (b->magic != PV_BOOT_MAGIC || b->major != PV_ABI_MAJOR)
		refuse("the loader does not speak this kernel's PV ABI 1.x\n");
	cpu->page = phys_to_virt(b->vcpu_pages);
	pv_nr_vcpus = min(b->nr_vcpus, (u32)CONFIG_NR_CPUS);
	memcpy(boot_seed.bytes, b->seed, sizeof(boot_seed.bytes));
	boot_seed.fresh = true;
	fill_boot_info(b);
	cpu->page->kernel_sp = boot_thread.kstack + KSTACK_SIZE - PV_STACK_SLOTS;
	pv_register_entries(cpu);
	enable_features(b->features);
	early_initcalls();
	pv_mitigations_init();
	kernel_main();
}

/* The loader's seed once, then what the CPU has: the ABI has no other source. */
size_t platform_entropy(void *buf, size_t n)
{
	size_t len = min(n, sizeof(boot_seed.bytes));

	if (!boot_seed.fresh)
		return x86_entropy(buf, n);
	memcpy(buf, boot_seed.bytes, len);
	memset(&boot_seed, 0, sizeof(boot_seed));
	return len + x86_entropy((u8 *)buf + len, n - len);
}

const char *platform_name(void)
{
	return "pv";
}

u32 platform_nr_cpus(void)
{
	return pv_nr_vcpus;
}
