// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU: counts the instructions executed in each translated block between
 * two marks that the benchmark program executes, of everything that runs on the machine.
 * Arguments: "begin=N", the number of the first mark (that of the second is N + 1), and
 * "out=FILE", which gets lines "ADDRESS INSTRUCTIONS" at the end.
 *
 * For "-accel tcg,thread=single": nothing here is locked.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "qemu_api.h"

#define BUCKETS (1 << 18)

struct block {
	struct block *next;
	uint64_t address, size, executed;
};

/* nopl 0x54584d0N(%rax); the last two bytes of the mark are N and the rest of 0x54584d. */
static const unsigned char mark[] = { 0x0f, 0x1f, 0x80, 0, 0x4d, 0x58, 0x54 };

__attribute__((visibility("default"))) int qemu_plugin_version = QEMU_API_VERSION;

static struct block *buckets[BUCKETS];
static char output[4096];
static int begin_mark;
static bool counting;

/* A block that is translated again keeps its count; the same address may have another size. */
static struct block *find_block(uint64_t address, uint64_t size)
{
	struct block **bucket = &buckets[(address ^ address >> 18) % BUCKETS], *b;

	for (b = *bucket; b; b = b->next)
		if (b->address == address && b->size == size)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->next = *bucket;
	b->address = address;
	b->size = size;
	return *bucket = b;
}

static void on_block(unsigned int cpu, void *data)
{
	(void)cpu;
	if (counting)
		((struct block *)data)->executed++;
}

static void on_begin(unsigned int cpu, void *data)
{
	(void)cpu, (void)data;
	counting = true;
}

static void on_end(unsigned int cpu, void *data)
{
	(void)cpu, (void)data;
	counting = false;
}

/* The number of the mark that an instruction is, or a negative one. */
static int mark_number(const struct qemu_plugin_insn *insn)
{
	const unsigned char *bytes = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != sizeof(mark) || memcmp(bytes, mark, 3) ||
	    memcmp(bytes + 4, mark + 4, 3))
		return -1;
	return bytes[3];
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_API_NO_REGS,
					     find_block(qemu_plugin_tb_vaddr(tb), n));
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		int which = mark_number(insn) - begin_mark;

		if (which == 0 || which == 1)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, which ? on_end : on_begin,
							       QEMU_API_NO_REGS, NULL);
	}
}

static void on_exit_of_qemu(plugin_id id, void *data)
{
	FILE *file = fopen(output, "w");

	(void)id, (void)data;
	if (!file) {
		perror(output);
		return;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct block *b = buckets[i]; b; b = b->next)
			if (b->executed)
				fprintf(file, "%llx %llu\n", (unsigned long long)b->address,
					(unsigned long long)(b->executed * b->size));
	fclose(file);
}

__attribute__((visibility("default")))
int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int count, char **arguments);

int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int count, char **arguments)
{
	(void)info;
	if (count != 2 || sscanf(arguments[0], "begin=%d", &begin_mark) != 1 ||
	    strncmp(arguments[1], "out=", 4) != 0) {
		fprintf(stderr, "counter: wants begin=N,out=FILE\n");
		return -1;
	}
	snprintf(output, sizeof(output), "%s", arguments[1] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
