// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a broken kernel: says what happened and where, stops the other CPUs and ends the
 * machine as the boot option panic= asks. Uses as little of the rest of the kernel as it can; a
 * second panic on the way only halts.
 */
#include <panic.h>

#include <atomic.h>
#include <init.h>
#include <kallsyms.h>
#include <log.h>
#include <string.h>
#include <thread.h>
#include <time.h>
#include <platform/cpu.h>
#include <platform/platform.h>
#include <platform/trap.h>

#define MAX_FRAMES 32

static atomic_t panicking;

void panic_print_address(u32 n, unsigned long addr)
{
	unsigned long offset, size;
	const char *name = kallsyms_lookup(addr, &offset, &size);

	if (name)
		log_printf(LOG_EMERG, "  #%u  %016lx  %s+0x%lx/0x%lx\n", n, addr, name, offset,
			   size);
	else
		log_printf(LOG_EMERG, "  #%u  %016lx\n", n, addr);
}

/*
 * Each frame: saved frame pointer, return address. Frames must go up the stack, which ends the walk
 * even if the chain is damaged.
 */
static void print_frames(unsigned long fp, u32 first)
{
	u32 n;

	for (n = first; n < MAX_FRAMES && plat_stack_ok(fp); n++) {
		const unsigned long *frame = (const unsigned long *)fp;

		if (!frame[1])
			return;
		/*
		 * The return address may be that of the next function, if the call is the last
		 * instruction of a noreturn one.
		 */
		panic_print_address(n, frame[1] - 1);
		if (frame[0] <= fp)
			return;
		fp = frame[0];
	}
}

void backtrace(unsigned long fp)
{
	print_frames(fp ? fp : (unsigned long)__builtin_frame_address(0), 0);
}

void backtrace_frame(const struct trapframe *tf)
{
	panic_print_address(0, tf->rip);
	print_frames(tf->rbp, 1);
}

static void begin(const char *fmt, va_list ap)
{
	char text[512];

	irq_disable();
	if (atomic_xchg(&panicking, 1))
		platform_panic_halt();
	smp_stop_others();
	log_emergency();
	vsnprintf(text, sizeof(text), fmt, ap);
	log_printf(LOG_EMERG, "Kernel panic: %s\n", text);
	log_printf(LOG_EMERG, "CPU %u, thread %d (%s), command line: %s\n", cpu_id(), current->tid,
		   current->comm, cmdline_full());
}

/* panic=: 0 halts, a negative number resets at once, a positive one after so many seconds. */
static void __noreturn finish(void)
{
	s64 seconds = (s64)cmdline_get_u64("panic", 0);

	if (!seconds) {
		log_printf(LOG_EMERG, "Halted.\n");
		platform_panic_halt();
	}
	if (seconds > 0) {
		log_printf(LOG_EMERG, "Reset in %lld s.\n", (long long)seconds);
		udelay((u64)seconds * 1000000);
	}
	platform_reboot();
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	begin(fmt, ap);
	va_end(ap);
	log_printf(LOG_EMERG, "Call trace:\n");
	backtrace((unsigned long)__builtin_frame_address(0));
	finish();
}

static void print_registers(const struct trapframe *tf)
{
	log_printf(LOG_EMERG, "rip %016llx rsp %016llx rflags %08llx cs %llx ss %llx\n",
		   (unsigned long long)tf->rip, (unsigned long long)tf->rsp,
		   (unsigned long long)tf->rflags, (unsigned long long)tf->cs,
		   (unsigned long long)tf->ss);
	log_printf(LOG_EMERG, "rax %016llx rbx %016llx rcx %016llx rdx %016llx\n",
		   (unsigned long long)tf->rax, (unsigned long long)tf->rbx,
		   (unsigned long long)tf->rcx, (unsigned long long)tf->rdx);
	log_printf(LOG_EMERG, "rsi %016llx rdi %016llx rbp %016llx r8  %016llx\n",
		   (unsigned long long)tf->rsi, (unsigned long long)tf->rdi,
		   (unsigned long long)tf->rbp, (unsigned long long)tf->r8);
	log_printf(LOG_EMERG, "r9  %016llx r10 %016llx r11 %016llx r12 %016llx\n",
		   (unsigned long long)tf->r9, (unsigned long long)tf->r10,
		   (unsigned long long)tf->r11, (unsigned long long)tf->r12);
	log_printf(LOG_EMERG, "r13 %016llx r14 %016llx r15 %016llx\n", (unsigned long long)tf->r13,
		   (unsigned long long)tf->r14, (unsigned long long)tf->r15);
}

void panic_trap(const struct trapframe *tf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	begin(fmt, ap);
	va_end(ap);
	print_registers(tf);
	log_printf(LOG_EMERG, "Call trace:\n");
	backtrace_frame(tf);
	finish();
}
