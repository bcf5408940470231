// SPDX-License-Identifier: GPL-2.0-only
/*
 * User memory on HVM: contracts stand in include/uaccess.h. User pages are mapped
 * while the kernel runs; a fault goes through trap.c to mm_fault(), and to the
 * exception table if that fails.
 */
#include <string.h>
#include <uaccess.h>

#include "../hvm.h"

/* One instruction that may fault, and where to go on then; relative to the fields. */
struct extable_entry {
	s32 insn;
	s32 fixup;
};

extern const struct extable_entry __ex_table_start[], __ex_table_end[];

size_t hvm_copy_user(void *dst, const void *src, size_t n);
size_t hvm_clear_user(void *dst, size_t n);

static const struct extable_entry *extable_search(unsigned long ip)
{
	const struct extable_entry *e;

	for (e = __ex_table_start; e < __ex_table_end; e++) {
		if ((unsigned long)&e->insn + e->insn == ip)
			return e;
	}
	return NULL;
}

/** extable_find - may the kernel instruction at @ip fault on user memory? */
bool extable_find(unsigned long ip)
{
	return extable_search(ip) != NULL;
}

/**
 * extable_fixup - continue at the fix-up of a faulting instruction
 * @tf: kernel-mode frame
 *
 * Return: false if the instruction has none.
 */
bool extable_fixup(struct trapframe *tf)
{
	const struct extable_entry *e = extable_search(tf->rip);

	if (!e)
		return false;
	tf->rip = (unsigned long)&e->fixup + e->fixup;
	return true;
}

size_t copy_from_user_partial(void *dst, const void __user *src, size_t n)
{
	return access_ok(src, n) ? hvm_copy_user(dst, (const void *)user_addr_nospec(src), n) : n;
}

size_t copy_to_user_partial(void __user *dst, const void *src, size_t n)
{
	return access_ok(dst, n) ? hvm_copy_user((void *)user_addr_nospec(dst), src, n) : n;
}

size_t clear_user(void __user *dst, size_t n)
{
	return access_ok(dst, n) ? hvm_clear_user((void *)user_addr_nospec(dst), n) : n;
}

static __always_inline void open_user(void)
{
	if (hvm_has_smap)
		__asm__ volatile("stac" ::: "memory");
}

static __always_inline void close_user(void)
{
	if (hvm_has_smap)
		__asm__ volatile("clac" ::: "memory");
}

/* An aligned word of user memory; does not cross a page. False: fault. SMAP is open. */
static __always_inline bool load_word(const void *p, u64 *v)
{
	u64 word = 0;
	u32 bad = 1;

	__asm__ volatile("1:\tmovq %2, %0\n\t"
			 "xorl %1, %1\n"
			 "2:\n"
			 EXTABLE("1b", "2b")
			 : "+r"(word), "+r"(bad) : "m"(*(const u64 *)p));
	*v = word;
	return !bad;
}

/* Non-zero if a byte of @v is zero; its lowest set bit is in the first such byte. */
static u64 zero_bytes(u64 v)
{
	return (v - 0x0101010101010101ULL) & ~v & 0x8080808080808080ULL;
}

/*
 * Length of the string at @src, at most @max; copies it to @dst if that is not
 * NULL. Reads whole aligned words, of which the bytes before @src are taken for
 * non-zero. -EFAULT, or @max if there is no end.
 */
static ssize_t scan_string(char *dst, unsigned long src, size_t max)
{
	unsigned long base = src & ~7UL;
	size_t skip = src & 7, done = 0;
	u64 v, mask = (1ULL << 8 * skip) - 1;

	while (done < max) {
		size_t n = min(8 - skip, max - done);
		u64 zeros;

		if (!load_word((const void *)base, &v))
			return -EFAULT;
		zeros = zero_bytes(v | mask);
		if (zeros)
			n = min(n, __builtin_ctzll(zeros) / 8 - skip);
		if (dst) {
			v >>= 8 * skip;
			memcpy(dst + done, &v, n);
		}
		done += n;
		if (zeros && done < max)
			return (ssize_t)done;
		base += 8;
		skip = 0;
		mask = 0;
	}
	return (ssize_t)max;
}

ssize_t user_string(char *dst, const char __user *src, size_t max)
{
	unsigned long a = (__force unsigned long)src;
	size_t limit;
	ssize_t n;

	if (a >= USER_TOP)
		return -EFAULT;
	limit = min(max, USER_TOP - a);
	open_user();
	n = scan_string(dst, user_addr_nospec(src), limit);
	close_user();
	if (n == (ssize_t)limit && limit < max)
		return -EFAULT;		/* ran into the end of user space */
	return n;
}

int user_cmpxchg32(u32 __user *p, u32 old, u32 new_val, u32 *old_out)
{
	u32 bad = 1, *word;

	if (!access_ok(p, sizeof(*p)) || ((__force unsigned long)p & 3))
		return -EFAULT;
	word = (u32 *)user_addr_nospec(p);
	open_user();
	__asm__ volatile("1:\tlock cmpxchgl %3, %2\n\t"
			 "movl $0, %1\n"
			 "2:\n"
			 EXTABLE("1b", "2b")
			 : "+a"(old), "+r"(bad), "+m"(*word) : "r"(new_val) : "memory");
	close_user();
	if (bad)
		return -EFAULT;
	*old_out = old;
	return 0;
}
