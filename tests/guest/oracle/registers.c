// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that only looks at its own registers: general ones, SSE or AVX, control words and the
 * base of GS, over system calls, interrupts, switches and signals.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "oracle.h"

#define ARCH_SET_GS 0x1001
#define ARCH_GET_GS 0x1004

struct vectors {
	uint64_t word[16][4];
	uint32_t mxcsr;
	uint16_t control;
} __attribute__((aligned(32)));

/* In the order in which hold_registers() stores them. */
static const char *const names[] = {"rbx", "rbp", "rsi", "rdx", "r8",  "r9",
				    "r10", "r12", "r13", "r14", "r15", "rdi"};
#define REGS ARRAY_SIZE(names)

/*
 * Loads @want, makes system call @nr @calls times, spins after each, and stores what is in the
 * registers then. The kernel may change rax, rcx and r11 only; those hold the loop.
 */
void hold_registers(const uint64_t *want, uint64_t *got, uint64_t calls, long nr);
__asm__(".text\n"
	".globl hold_registers\n"
	".type hold_registers, @function\n"
	"hold_registers:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	push %rsi; push %rdx; push %rcx\n"
	"	mov 0(%rdi), %rbx; mov 8(%rdi), %rbp; mov 16(%rdi), %rsi; mov 24(%rdi), %rdx\n"
	"	mov 32(%rdi), %r8; mov 40(%rdi), %r9; mov 48(%rdi), %r10; mov 56(%rdi), %r12\n"
	"	mov 64(%rdi), %r13; mov 72(%rdi), %r14; mov 80(%rdi), %r15; mov 88(%rdi), %rdi\n"
	"1:	mov (%rsp), %rax\n"
	"	syscall\n"
	"	mov $3000, %ecx\n"
	"	mov %rcx, %r11\n"
	"2:	dec %r11\n"
	"	loop 2b\n"
	"	test %r11, %r11\n"
	"	jz 3f\n"
	"	ud2\n" /* rcx and r11 count in step */
	"3:	decq 8(%rsp)\n"
	"	jnz 1b\n"
	"	mov 16(%rsp), %rax\n"
	"	mov %rbx, 0(%rax); mov %rbp, 8(%rax); mov %rsi, 16(%rax); mov %rdx, 24(%rax)\n"
	"	mov %r8, 32(%rax); mov %r9, 40(%rax); mov %r10, 48(%rax); mov %r12, 56(%rax)\n"
	"	mov %r13, 64(%rax); mov %r14, 72(%rax); mov %r15, 80(%rax); mov %rdi, 88(%rax)\n"
	"	add $24, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n");

static bool has_avx(void)
{
	static int known = -1;
	unsigned int a = 1, b, c = 0, d;

	if (known >= 0)
		return known;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	known = (c >> 27 & 1) && (c >> 28 & 1);
	if (known) {
		__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
		known = (a & 6) == 6;
	}
	return known;
}

/* Each of the sixteen registers, by the given move: a row of the structure is 32 bytes. */
#define EACH(move, a, b)                                                                           \
	move(0, a, b) move(1, a, b) move(2, a, b) move(3, a, b) move(4, a, b) move(5, a, b)        \
		move(6, a, b) move(7, a, b) move(8, a, b) move(9, a, b) move(10, a, b)             \
			move(11, a, b) move(12, a, b) move(13, a, b) move(14, a, b) move(15, a, b)
#define LOAD(n, insn, reg) insn " 32*" #n "(%0), %%" reg #n "\n"
#define STORE(n, insn, reg) insn " %%" reg #n ", 32*" #n "(%0)\n"
#define ALL_XMM                                                                                    \
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",   \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

static void load_vectors(const struct vectors *v)
{
	__asm__ volatile("ldmxcsr 512(%0); fldcw 516(%0)" ::"r"(v) : "memory");
	if (has_avx())
		__asm__ volatile(EACH(LOAD, "vmovdqu", "ymm")::"r"(v) : "memory", ALL_XMM);
	else
		__asm__ volatile(EACH(LOAD, "movdqu", "xmm")::"r"(v) : "memory", ALL_XMM);
}

static void store_vectors(struct vectors *v)
{
	if (has_avx())
		__asm__ volatile(EACH(STORE, "vmovdqu", "ymm") "vzeroupper" ::"r"(v) : "memory", ALL_XMM);
	else
		__asm__ volatile(EACH(STORE, "movdqu", "xmm")::"r"(v) : "memory");
	__asm__ volatile("stmxcsr 512(%0); fnstcw 516(%0)" ::"r"(v) : "memory");
}

static void fill(struct vectors *v, uint64_t *rng)
{
	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < 16; i++)
		for (size_t k = 0; k < (has_avx() ? 4 : 2); k++)
			v->word[i][k] = stamp(rnd(rng), i * 4 + k);
	v->mxcsr = 0x1f80 | (uint32_t)(rnd(rng) & 3) << 13; /* rounding */
	v->control = (uint16_t)(0x37f & ~0xc00) | (uint16_t)((rnd(rng) & 3) << 10);
}

static void compare_vectors(const struct vectors *want, const struct vectors *got)
{
	for (size_t i = 0; i < 16; i++)
		for (size_t k = 0; k < 4; k++)
			if (got->word[i][k] != want->word[i][k]) {
				wrong("vector %zu word %zu is %s, not %s", i, k,
				      whose(got->word[i][k]), whose(want->word[i][k]));
				return;
			}
	if (got->mxcsr != want->mxcsr || got->control != want->control)
		wrong("mxcsr %#x, x87 control %#x, not %#x, %#x", got->mxcsr, got->control,
		      want->mxcsr, want->control);
}

void registers_round(uint64_t *rng, long nr, unsigned int calls)
{
	static const struct vectors sane = {.mxcsr = 0x1f80, .control = 0x37f};
	uint64_t want[REGS], got[REGS], gs = rnd(rng) & 0xffffffffff, gs_now = 0;
	struct vectors vwant, vgot;

	for (size_t i = 0; i < REGS; i++)
		want[i] = stamp(rnd(rng), 100 + i);
	fill(&vwant, rng);
	memset(&vgot, 0, sizeof(vgot));
	MUST(syscall(SYS_arch_prctl, ARCH_SET_GS, gs) == 0);
	load_vectors(&vwant);
	hold_registers(want, got, calls, nr);
	store_vectors(&vgot);
	load_vectors(&sane);
	MUST(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs_now) == 0);
	compare_vectors(&vwant, &vgot);
	for (size_t i = 0; i < REGS; i++)
		if (got[i] != want[i])
			wrong("%s is %s, not %s", names[i], whose(got[i]), whose(want[i]));
	if (gs_now != gs)
		wrong("the base of GS is %#llx, not %#llx", (unsigned long long)gs_now,
		      (unsigned long long)gs);
}

/* For a handler: what it does with registers is not seen by whom it interrupts. */
void registers_clobber(void)
{
	static const struct vectors other = {
		.word = {[0 ... 15] = {~0UL, 1, 2, 3}}, .mxcsr = 0x7f80, .control = 0xf7f};

	load_vectors(&other);
}

static void *rounds(void *arg)
{
	static const long calls[] = {SYS_sched_yield, SYS_getppid, SYS_gettid};
	unsigned int number = (unsigned int)(uintptr_t)arg;
	uint64_t rng = random_seed(number);

	place(number);
	while (going()) {
		registers_round(&rng, calls[rnd(&rng) % ARRAY_SIZE(calls)], 1 + rnd(&rng) % 100);
		round_done();
	}
	return NULL;
}

static void run(void)
{
	pthread_t t;

	start_thread(&t, rounds, 1);
	rounds(0);
	MUST(pthread_join(t, NULL) == 0);
}

const struct actor actor_registers = {
	.name = "registers",
	.what = "its own registers: general, SSE, AVX, control words, GS",
	.run = run,
	.always = true,
};
