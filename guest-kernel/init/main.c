// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order in which the kernel comes to life. Each step may use all that stand before it: memory
 * before anything that allocates, the platform's clock before timers, the scheduler before locks
 * that sleep, and interrupts only when there is somebody to take them.
 */
#define pr_fmt(f) "boot: " f
#include <boot_info.h>
#include <fs.h>
#include <generated/version.h>
#include <init.h>
#include <kallsyms.h>
#include <ktest.h>
#include <lockup.h>
#include <log.h>
#include <mm.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <process.h>
#include <sched.h>
#include <stack_protector.h>
#include <time.h>

extern const initcall_t __early_initcall_start[], __initcall_start[], __initcall_end[];

static void run_initcalls(const initcall_t *call, const initcall_t *end)
{
	unsigned long offset, size;
	const char *name;
	int err;

	for (; call < end; call++) {
		err = (*call)();
		if (!err)
			continue;
		name = kallsyms_lookup((unsigned long)*call, &offset, &size);
		pr_err("%s failed: error %d\n", name ? name : "an initcall", -err);
	}
}

void early_initcalls(void)
{
	run_initcalls(__early_initcall_start, __initcall_start);
}

/* A loader's mistake should be told, not end in a fault. */
static bool is_memory(u64 base, u64 len)
{
	u32 i;

	for (i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_mem *m = &boot_info.mem[i];

		if (m->type == BOOT_MEM_RAM && base >= m->base && base - m->base < m->len &&
		    len <= m->len - (base - m->base) && base + len <= DIRECT_MAP_SIZE)
			return true;
	}
	return false;
}

static void unpack_initrd(void)
{
	u64 base = boot_info.initrd_base, len = boot_info.initrd_len;
	int err;

	if (!len)
		return;
	if (!is_memory(base, len)) {
		pr_err("the initial RAM disk is not in memory: %llu bytes at %llx\n",
		       (unsigned long long)len, (unsigned long long)base);
		return;
	}
	err = initramfs_unpack(phys_to_virt(base), len);
	if (err < 0)
		pr_err("the initial RAM disk is damaged: error %d\n", -err);
	mem_free_range(ALIGN_UP(base, PAGE_SIZE), ALIGN_DOWN(base + len, PAGE_SIZE));
}

static void init_memory(void)
{
	mem_init();
	slab_init();
	mmu_init();
	page_cache_init();
	vmalloc_init();
	mm_cache_init();
}

static void init_core(void)
{
	platform_init();
	sched_init();
	timer_init_cpu(0);
	time_init();
	random_init();
}

/**
 * kernel_main - Everything from the platform's entry to the first program.
 *
 * Context: boot CPU on boot_thread, interrupts off; boot_info is filled.
 */
void kernel_main(void)
{
	if (boot_info.cmdline_lost)
		cmdline_cut(boot_info.cmdline, boot_info.cmdline_lost);
	cmdline_init(boot_info.cmdline, CONFIG_DEFAULT_CMDLINE);
	log_init();
	pr_info("Twinix %s on %s\n", TWINIX_VERSION, platform_name());
	init_memory();
	init_core();
	stack_protector_init();
	process_init();
	vfs_init();
	irq_enable();
	workqueue_init();
	lockup_start_cpu();
	smp_start_all();
	run_initcalls(__initcall_start, __initcall_end);
	unpack_initrd();
	devfs_mount();
	mmu_protect_ro_after_init();
	if (IS_ENABLED(CONFIG_KTEST))
		ktest_run_all();
	start_init();
	sched_idle();
}

/**
 * cpu_start_secondary - The generic part of an additional CPU's start.
 * @cpu: its number
 *
 * Context: on its idle thread's stack, interrupts off.
 */
void cpu_start_secondary(u32 cpu)
{
	sched_init_cpu(cpu);
	timer_init_cpu(cpu);
	platform_init_cpu(cpu);
	irq_enable();
	lockup_start_cpu();
	sched_idle();
}
