// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segment descriptors and the task-state segment of each CPU (SDM vol. 3,
 * chapters 3.4.5 and 8.7). Selectors are Linux's, since programs can see them.
 */
#include <string.h>

#include "../hvm.h"

#define DESC_CODE64	0x00af9a000000ffffULL
#define DESC_CODE32	0x00cf9a000000ffffULL
#define DESC_DATA	0x00cf92000000ffffULL
#define DESC_DPL3	(3ULL << 45)
#define DESC_TSS	(0x9ULL << 40 | 1ULL << 47)	/* available 64-bit TSS, present */

struct descriptor_pointer {
	u16 limit;
	u64 base;
} __packed;

static void set_tss_descriptor(struct hvm_cpu *c)
{
	u64 base = (u64)&c->tss, limit = sizeof(c->tss) - 1;
	u32 i = GDT_TSS / 8;

	c->gdt[i] = DESC_TSS | limit | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	c->gdt[i + 1] = base >> 32;
}

static void load_segments(void)
{
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%ss; movl %1, %%fs; movl %1, %%gs\n\t"
			 "pushq %2\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:"
			 :: "r"(GDT_KERNEL_DS), "r"(0), "i"(GDT_KERNEL_CS) : "rax", "memory");
}

/**
 * gdt_load - make and load descriptor table and TSS
 * @c: this CPU; the GS base is lost, the caller sets it
 * @ist_stacks: NR_IST stacks of IST_SIZE bytes, one above the other
 */
void gdt_load(struct hvm_cpu *c, unsigned long ist_stacks)
{
	struct descriptor_pointer gdtr = { sizeof(c->gdt) - 1, (u64)c->gdt };
	u32 i;

	c->gdt[GDT_KERNEL_CS / 8] = DESC_CODE64;
	c->gdt[GDT_KERNEL_DS / 8] = DESC_DATA;
	c->gdt[GDT_USER32_CS / 8] = DESC_CODE32 | DESC_DPL3;
	c->gdt[GDT_USER_DS / 8] = DESC_DATA | DESC_DPL3;
	c->gdt[GDT_USER_CS / 8] = DESC_CODE64 | DESC_DPL3;
	set_tss_descriptor(c);
	c->tss.iomap = sizeof(c->tss);		/* no I/O bitmap: every port is refused */
	for (i = 0; i < NR_IST; i++)
		c->tss.ist[i] = ist_stacks + (i + 1) * IST_SIZE;

	__asm__ volatile("lgdt %0" :: "m"(gdtr));
	load_segments();
	__asm__ volatile("ltr %w0" :: "r"(GDT_TSS));
}
