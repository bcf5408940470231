// SPDX-License-Identifier: GPL-2.0-only
/* Finding and starting the other CPUs (SDM vol. 3, 8.4). */
#define pr_fmt(f) "smp: " f

#include <atomic.h>
#include <boot_info.h>
#include <init.h>
#include <log.h>
#include <mm.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "../acpi/acpi.h"
#include "../hvm.h"

#define LOW_MEMORY_END	0xa0000
#define LOW_MEMORY_START 0x1000
#define INIT_DELAY_US	10000		/* SDM vol. 3, 8.4.4.1; emulated CPUs need none */
#define STARTUP_WAIT_US	10000
#define ANSWER_WAIT_US	1000000
#define POLL_US		20

/* Ends trampoline.S. */
struct trampoline_args {
	u32 boot_root;		/* tables that map low memory */
	u32 efer;
	u64 root;		/* the kernel's tables */
	u64 stack;
	u64 entry;
	u64 arg;
};

extern char boot_pml4[];

unsigned long online_cpus = 1;
static paddr_t trampoline_page __ro_after_init;
static u32 nr_found __ro_after_init = 1;
static u32 apic_ids[CONFIG_NR_CPUS] __ro_after_init;	/* [0]: the boot CPU's */

static bool overlaps(u64 a, u64 a_len, u64 b, u64 b_len)
{
	return a < b + b_len && b < a + a_len;
}

static bool page_is_free(paddr_t page)
{
	bool ram = false;
	u32 i;

	if (overlaps(page, PAGE_SIZE, boot_info.initrd_base, boot_info.initrd_len))
		return false;
	for (i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_mem *m = &boot_info.mem[i];

		if (!overlaps(page, PAGE_SIZE, m->base, m->len))
			continue;
		if (m->type != BOOT_MEM_RAM)
			return false;
		ram = ram || (m->base <= page && page + PAGE_SIZE <= m->base + m->len);
	}
	return ram;
}

/**
 * smp_reserve_trampoline - take a page below 1 MiB out of the memory map
 *
 * Context: boot, before memory is given to the page allocator.
 */
void smp_reserve_trampoline(void)
{
	paddr_t page;

	for (page = LOW_MEMORY_END - PAGE_SIZE; page >= LOW_MEMORY_START; page -= PAGE_SIZE) {
		if (!page_is_free(page) || boot_info.nr_mem == BOOT_MEM_MAX)
			continue;
		boot_info.mem[boot_info.nr_mem++] = (struct boot_mem){
			.base = page, .len = PAGE_SIZE, .type = BOOT_MEM_RESERVED };
		trampoline_page = page;
		return;
	}
}

/* Firmware may name a CPU twice, as local APIC and as x2APIC. 0xff means all. */
static bool usable(u32 id)
{
	u32 i;

	if (id >= 0xff && !cpu_has.x2apic)
		return false;
	for (i = 0; i < nr_found; i++) {
		if (apic_ids[i] == id)
			return false;
	}
	return true;
}

/** smp_find_cpus - list the usable CPUs that the MADT names */
void smp_find_cpus(void)
{
	u32 me = apic_id(), i;

	apic_ids[0] = me;
	hvm_cpus[0].apic_id = me;
	for (i = 0; i < acpi_madt.nr_cpus; i++) {
		u32 id = acpi_madt.cpus[i];

		if (!usable(id))
			continue;
		if (nr_found == CONFIG_NR_CPUS) {
			pr_warn("more CPUs than CONFIG_NR_CPUS=%u\n", CONFIG_NR_CPUS);
			return;
		}
		apic_ids[nr_found++] = id;
	}
}

/** platform_nr_cpus - see platform/cpu.h */
u32 platform_nr_cpus(void)
{
	return nr_found;
}

/* First C code of an additional CPU, on its idle thread's stack. */
static void ap_start(u64 cpu)
{
	cpu_setup((u32)cpu);
	cpu_start_secondary((u32)cpu);
}

/**
 * platform_init_cpu - the platform's part of an additional CPU's start
 * @cpu: its number
 *
 * Once its bit is set others send it interrupts and wait for the answer; what
 * it may have cached of kernel mappings before goes. Context: interrupts off.
 */
void platform_init_cpu(u32 cpu)
{
	apic_setup();
	clock_answer(cpu);
	set_bit(cpu, &online_cpus);
	tlb_flush_global();
}

static bool wait_online(u32 cpu, u32 us)
{
	bool compared = false;

	for (; us >= POLL_US; us -= POLL_US) {
		if (test_bit(cpu, &online_cpus))
			return true;
		if (!compared)
			compared = clock_compare(cpu);
		udelay(POLL_US);
	}
	return false;
}

static void prepare_trampoline(u32 cpu, struct thread *idle)
{
	char *page = phys_to_virt(trampoline_page);
	struct trampoline_args args = {
		.boot_root = (u32)virt_to_phys(boot_pml4),
		.efer = (u32)rdmsr(MSR_EFER) & ~(u32)EFER_LMA,
		.root = hvm_root, .stack = idle->kstack + KSTACK_SIZE,
		.entry = (u64)ap_start, .arg = cpu,
	};
	size_t size = (size_t)(hvm_trampoline_end - hvm_trampoline);

	memcpy(page, hvm_trampoline, size);
	memcpy(page + size - sizeof(args), &args, sizeof(args));
}

static bool prepare_cpu(u32 cpu, u32 id)
{
	struct thread *idle = sched_idle_create(cpu);
	struct hvm_cpu *c = &hvm_cpus[cpu];

	if (IS_ERR_OR_NULL(idle))
		return false;
	if (!c->ist_stacks)
		c->ist_stacks = kstack_alloc();
	if (!c->ist_stacks || !kpti_map(c->ist_stacks, c->ist_stacks + NR_IST * IST_SIZE, PTE_W))
		return false;
	static_assert(NR_IST * IST_SIZE <= KSTACK_SIZE, "interrupt stacks fit into one allocation");
	c->id = cpu;
	c->apic_id = id;
	c->running = idle;
	hvm_set_kstack(c, idle->kstack + KSTACK_SIZE);
	prepare_trampoline(cpu, idle);
	return true;
}

static bool start_cpu(u32 cpu, u32 id)
{
	if (!prepare_cpu(cpu, id)) {
		pr_err("no memory for CPU %u\n", cpu);
		return false;
	}
	apic_send_init(id);
	if (!cpu_has.hypervisor)
		udelay(INIT_DELAY_US);
	apic_send_startup(id, trampoline_page);
	if (wait_online(cpu, STARTUP_WAIT_US))
		return true;
	apic_send_startup(id, trampoline_page);
	if (wait_online(cpu, ANSWER_WAIT_US))
		return true;
	pr_err("CPU with APIC id %u does not answer\n", id);
	apic_send_init(id);
	return false;
}

/** smp_start_all - see platform/cpu.h; obeys the boot options maxcpus= and nosmp */
void smp_start_all(void)
{
	u64 wanted = cmdline_flag("nosmp") ? 1 : cmdline_get_u64("maxcpus", CONFIG_NR_CPUS);
	u32 limit = (u32)min(wanted, (u64)nr_found);
	u32 i, up = 1;

	if (limit > 1 && !trampoline_page) {
		pr_err("no page below 1 MiB to start the other CPUs in\n");
		return;
	}
	for (i = 1; i < limit; i++) {
		if (!start_cpu(up, apic_ids[i]))
			continue;
		WRITE_ONCE(nr_cpus, ++up);
	}
	if (up > 1)
		pr_info("%u CPUs\n", up);
}
