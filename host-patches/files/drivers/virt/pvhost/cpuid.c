// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CPU a guest is told it has: of the host's, what ring 3 can use and this file knows; and of
 * that, what the launcher has left.
 */
#include <linux/cpufeature.h>
#include <linux/processor.h>
#include <linux/ptrace.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "frame.h"
#include "internal.h"

#define SIGNATURE_LEAF	0x40000000
#define VERSION_LEAF	0x40000001
#define OSXSAVE_BIT	BIT(X86_FEATURE_OSXSAVE & 31)

/* What the launcher may make of a register. */
enum kind {
	FEATURES,	/* the same, or with bits taken away */
	FIGURES,	/* the same: programs rely on what the CPU does */
	NAME,		/* anything */
	HIGHEST,	/* the same, or less */
};

/**
 * struct rule - a leaf that guests may see
 * @leaf: its number
 * @first: first subleaf the rule is for
 * @last: last one; 0 for a leaf without subleaves
 * @kind: of eax, ebx, ecx, edx
 * @mask: the bits of them that are shown
 * @word: and of these, those that Linux has found fit for use: word of its capabilities, plus 1
 *
 * Leaves, subleaves and bits that are in no rule are 0, whatever a new CPU has there.
 */
struct rule {
	u32 leaf;
	u32 first;
	u32 last;
	enum kind kind[4];
	u32 mask[4];
	u8 word[4];
};

#define BIT_OF(w, name)	\
	(BUILD_BUG_ON_ZERO(X86_FEATURE_##name >> 5 != (w)) | BIT(X86_FEATURE_##name & 31))

/* Nothing of virtualisation, debugging, MSRs, the APIC, power; nor SYSENTER, which is #GP. */
#define B(name) BIT_OF(CPUID_1_ECX, name)
#define ECX_1	(B(XMM3) | B(PCLMULQDQ) | B(SSSE3) | B(FMA) | B(CX16) | B(XMM4_1) | B(XMM4_2) |	\
		 B(MOVBE) | B(POPCNT) | B(AES) | B(XSAVE) | B(OSXSAVE) | B(AVX) | B(F16C) |	\
		 B(RDRAND))
#define C(name) BIT_OF(CPUID_1_EDX, name)
#define EDX_1	(C(FPU) | C(PSE) | C(TSC) | C(PAE) | C(CX8) | C(CMOV) | C(PAT) | C(PSE36) |	\
		 C(CLFLUSH) | C(MMX) | C(FXSR) | C(XMM) | C(XMM2) | C(SELFSNOOP))
/* No supervisor protections, protection keys, shadow stacks, AMX, TSX; RDPID is the host's. */
#define D(name) BIT_OF(CPUID_7_0_EBX, name)
#define EBX_7	(D(FSGSBASE) | D(BMI1) | D(AVX2) | D(FDP_EXCPTN_ONLY) | D(BMI2) | D(ERMS) |	\
		 D(ZERO_FCS_FDS) | D(AVX512F) | D(AVX512DQ) | D(RDSEED) | D(ADX) |		\
		 D(AVX512IFMA) | D(CLFLUSHOPT) | D(CLWB) | D(AVX512PF) | D(AVX512ER) |		\
		 D(AVX512CD) | D(SHA_NI) | D(AVX512BW) | D(AVX512VL))
#define E(name) BIT_OF(CPUID_7_ECX, name)
#define ECX_7	(E(AVX512VBMI) | E(AVX512_VBMI2) | E(GFNI) | E(VAES) | E(VPCLMULQDQ) |		\
		 E(AVX512_VNNI) | E(AVX512_BITALG) | E(AVX512_VPOPCNTDQ) | E(CLDEMOTE) |	\
		 E(MOVDIRI) | E(MOVDIR64B))
#define F(name) BIT_OF(CPUID_7_EDX, name)
#define EDX_7	(F(AVX512_4VNNIW) | F(AVX512_4FMAPS) | F(FSRM) | F(AVX512_VP2INTERSECT) |	\
		 F(MD_CLEAR) | F(SERIALIZE) | F(AVX512_FP16))
#define G(name) BIT_OF(CPUID_8000_0001_ECX, name)
#define ECX_EXT	(G(LAHF_LM) | G(ABM) | G(SSE4A) | G(MISALIGNSSE) | G(3DNOWPREFETCH) | G(XOP) |	\
		 G(FMA4) | G(TBM))
#define H(name) BIT_OF(CPUID_8000_0001_EDX, name)
/* AMD repeats those of leaf 1. */
#define EDX_EXT	(H(SYSCALL) | H(NX) | H(MMXEXT) | H(FXSR_OPT) | H(GBPAGES) | H(RDTSCP) |	\
		 H(LM) | H(3DNOWEXT) | H(3DNOW) | (EDX_1 & 0x0183f3ff))
#define J(name) BIT_OF(CPUID_8000_0008_EBX, name)
#define ALL	(~0u)

static const struct rule rules[] = {
	{ .leaf = 0x0, .kind = { HIGHEST, NAME, NAME, NAME }, .mask = { 0xd, ALL, ALL, ALL } },
	{ .leaf = 0x1, .kind = { NAME, FIGURES, FEATURES, FEATURES },
	  .mask = { ALL, 0xff00, ECX_1, EDX_1 },
	  .word = { 0, 0, CPUID_1_ECX + 1, CPUID_1_EDX + 1 } },
	{ .leaf = 0x2, .kind = { FIGURES, FIGURES, FIGURES, FIGURES },
	  .mask = { ALL, ALL, ALL, ALL } },
	/* Caches, not who shares them. */
	{ .leaf = 0x4, .last = 7, .kind = { FIGURES, FIGURES, FIGURES, FIGURES },
	  .mask = { 0x3fff, ALL, ALL, 7 } },
	{ .leaf = 0x7, .last = 1, .mask = { 0, EBX_7, ECX_7, EDX_7 },
	  .word = { 0, CPUID_7_0_EBX + 1, CPUID_7_ECX + 1, CPUID_7_EDX + 1 } },
	{ .leaf = 0xd, .first = 0, .last = 1, .kind = { FIGURES, FIGURES, FIGURES, FIGURES },
	  .mask = { ALL, ALL, ALL, ALL } },
	/* XSAVEOPT, XSAVEC, XGETBV(1); no XSAVES, no XFD. */
	{ .leaf = 0xd, .first = 1, .last = 2, .mask = { 7 }, .word = { CPUID_D_1_EAX + 1 } },
	{ .leaf = 0xd, .first = 2, .last = 63, .kind = { FIGURES, FIGURES, FIGURES, FIGURES },
	  .mask = { ALL, ALL, 3, 0 } },
	{ .leaf = 0x80000000, .kind = { HIGHEST, NAME, NAME, NAME },
	  .mask = { 0x80000008, ALL, ALL, ALL } },
	{ .leaf = 0x80000001, .kind = { NAME, FEATURES, FEATURES, FEATURES },
	  .mask = { ALL, 0, ECX_EXT, EDX_EXT },
	  .word = { 0, 0, CPUID_8000_0001_ECX + 1, CPUID_8000_0001_EDX + 1 } },
	{ .leaf = 0x80000002, .kind = { NAME, NAME, NAME, NAME }, .mask = { ALL, ALL, ALL, ALL } },
	{ .leaf = 0x80000003, .kind = { NAME, NAME, NAME, NAME }, .mask = { ALL, ALL, ALL, ALL } },
	{ .leaf = 0x80000004, .kind = { NAME, NAME, NAME, NAME }, .mask = { ALL, ALL, ALL, ALL } },
	{ .leaf = 0x80000005, .kind = { FIGURES, FIGURES, FIGURES, FIGURES },
	  .mask = { ALL, ALL, ALL, ALL } },
	{ .leaf = 0x80000006, .kind = { FIGURES, FIGURES, FIGURES, FIGURES },
	  .mask = { ALL, ALL, ALL, ALL } },
	/* The TSC's rate does not change. */
	{ .leaf = 0x80000007, .mask = { 0, 0, 0, BIT(8) } },
	{ .leaf = 0x80000008, .kind = { FIGURES, FEATURES, FEATURES, FEATURES },
	  .mask = { 0xffff, J(CLZERO) | J(XSAVEERPTR), 0, 0 },
	  .word = { 0, CPUID_8000_0008_EBX + 1, 0, 0 } },
};

/* What a guest of this host can be shown at most. */
static struct pvhost_cpuid_entry supported[PVHOST_MAX_CPUID] __ro_after_init;
static unsigned int nr_supported __ro_after_init;

/* A machine's own table. */
struct pvhost_cpuid_table {
	unsigned int nr;
	struct pvhost_cpuid_entry entries[];
};

static const struct rule *rule_of(u32 leaf, u32 subleaf)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].leaf == leaf && (!rules[i].last || (subleaf >= rules[i].first &&
								 subleaf < rules[i].last)))
			return &rules[i];
	return NULL;
}

static u32 *registers(struct pvhost_cpuid_entry *e)
{
	static_assert(offsetof(struct pvhost_cpuid_entry, edx) ==
		      offsetof(struct pvhost_cpuid_entry, eax) + 3 * sizeof(u32));

	return &e->eax;
}

static __init u32 fit(const struct rule *rule, int i, u32 value)
{
	u32 fit = ALL;

	if (rule->kind[i] == HIGHEST)
		return min(value, rule->mask[i]);
	if (rule->word[i])
		fit = boot_cpu_data.x86_capability[rule->word[i] - 1];
	/* Linux looks at it before it has set it. */
	if (rule->word[i] == CPUID_1_ECX + 1)
		fit |= OSXSAVE_BIT;
	return value & rule->mask[i] & fit;
}

/* What a leaf's own logic says besides; false if there is no such subleaf. */
static __init bool adjust(struct pvhost_cpuid_entry *e)
{
	switch (e->leaf) {
	case 0x1:
		e->ecx |= BIT(X86_FEATURE_HYPERVISOR & 31);
		break;
	case 0x4:
		return e->eax & 0x1f;
	case 0xd:
		if (e->subleaf > 1)
			return fpu_user_cfg.default_features & BIT_ULL(e->subleaf);
		if (e->subleaf == 1)
			break;
		/* Only what the vCPU's state holds; but the room is for what the CPU may store. */
		e->eax &= fpu_user_cfg.default_features;
		e->ecx = e->ebx;
		e->edx &= fpu_user_cfg.default_features >> 32;
		break;
	}
	return true;
}

static __init void add_supported(const struct rule *rule, u32 subleaf)
{
	struct pvhost_cpuid_entry e = {
		.leaf = rule->leaf,
		.subleaf = subleaf,
		.flags = rule->last ? PVHOST_CPUID_SUBLEAF : 0,
	};
	u32 *reg = registers(&e);
	int i;

	cpuid_count(e.leaf, subleaf, &reg[0], &reg[1], &reg[2], &reg[3]);
	for (i = 0; i < 4; i++)
		reg[i] = fit(rule, i, reg[i]);
	if (adjust(&e) && !WARN_ON(nr_supported == PVHOST_MAX_CPUID))
		supported[nr_supported++] = e;
}

/**
 * pvhost_cpuid_init - find out what guests can be shown
 */
void __init pvhost_cpuid_init(void)
{
	const struct rule *rule;
	u32 subleaf;

	for (rule = rules; rule < rules + ARRAY_SIZE(rules); rule++) {
		if (rule->leaf > cpuid_eax(rule->leaf & 0x80000000))
			continue;
		subleaf = rule->first;
		do {
			add_supported(rule, subleaf);
		} while (++subleaf < rule->last);
	}
}

static const struct pvhost_cpuid_entry *find(const struct pvhost_cpuid_entry *entries,
					     unsigned int nr, u32 leaf, u32 subleaf)
{
	for (; nr--; entries++)
		if (entries->leaf == leaf && (!(entries->flags & PVHOST_CPUID_SUBLEAF) ||
					      entries->subleaf == subleaf))
			return entries;
	return NULL;
}

static const struct pvhost_cpuid_entry *table_of(struct pvhost_vm *vm, unsigned int *nr)
{
	*nr = vm->cpuid ? vm->cpuid->nr : nr_supported;
	return vm->cpuid ? vm->cpuid->entries : supported;
}

static bool register_ok(enum kind kind, u32 value, u32 most)
{
	switch (kind) {
	case FEATURES:
		return !(value & ~most);
	case FIGURES:
		return value == most;
	case HIGHEST:
		return value <= most;
	case NAME:
		return true;
	}
	return false;
}

static bool entry_ok(struct pvhost_cpuid_entry *e)
{
	const struct pvhost_cpuid_entry *most = find(supported, nr_supported, e->leaf, e->subleaf);
	const struct rule *rule = rule_of(e->leaf, e->subleaf);

	return most && rule && e->flags == most->flags && e->subleaf == most->subleaf &&
	       !e->reserved && register_ok(rule->kind[0], e->eax, most->eax) &&
	       register_ok(rule->kind[1], e->ebx, most->ebx) &&
	       register_ok(rule->kind[2], e->ecx, most->ecx) &&
	       register_ok(rule->kind[3], e->edx, most->edx);
}

static bool table_ok(struct pvhost_cpuid_table *table)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++) {
		struct pvhost_cpuid_entry *e = &table->entries[i];

		if (!entry_ok(e) || find(table->entries, i, e->leaf, e->subleaf))
			return false;
	}
	return true;
}

/**
 * pvhost_cpuid_get - PVHOST_GET_CPUID, PVHOST_GET_SUPPORTED_CPUID
 * @vm: the machine, locked; or NULL for what is supported
 * @arg: arguments and number of entries
 *
 * Return: 0, -E2BIG (then @arg->nr is set, too), -EINVAL, -EFAULT.
 */
long pvhost_cpuid_get(struct pvhost_vm *vm, struct pvhost_cpuid *arg)
{
	const struct pvhost_cpuid_entry *entries = supported;
	unsigned int nr = nr_supported, room = arg->nr;

	if (arg->flags || arg->reserved)
		return -EINVAL;
	if (vm)
		entries = table_of(vm, &nr);
	arg->nr = nr;
	if (room < nr)
		return -E2BIG;
	return copy_to_user(u64_to_user_ptr(arg->entries), entries, nr * sizeof(*entries)) ?
	       -EFAULT : 0;
}

static struct pvhost_cpuid_table *read_table(const struct pvhost_cpuid *arg)
{
	struct pvhost_cpuid_table *table;

	if (arg->reserved || arg->nr > PVHOST_MAX_CPUID)
		return ERR_PTR(-EINVAL);
	table = kmalloc(struct_size(table, entries, arg->nr), GFP_KERNEL_ACCOUNT);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->nr = arg->nr;
	if (copy_from_user(table->entries, u64_to_user_ptr(arg->entries),
			   array_size(arg->nr, sizeof(*table->entries)))) {
		kfree(table);
		return ERR_PTR(-EFAULT);
	}
	if (!table_ok(table)) {
		kfree(table);
		return ERR_PTR(-EINVAL);
	}
	return table;
}

/**
 * pvhost_cpuid_set - PVHOST_SET_CPUID
 * @vm: the machine, locked
 * @arg: arguments
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOMEM, -EBUSY a vCPU has run.
 */
long pvhost_cpuid_set(struct pvhost_vm *vm, const struct pvhost_cpuid *arg)
{
	struct pvhost_cpuid_table *table = read_table(arg);
	int ret = 0;

	if (IS_ERR(table))
		return PTR_ERR(table);
	spin_lock(&vm->cpuid_lock);
	if (vm->has_run)
		ret = -EBUSY;
	else
		swap(vm->cpuid, table);
	spin_unlock(&vm->cpuid_lock);
	kfree(table);
	return ret;
}

/**
 * pvhost_cpuid_freeze - a vCPU is about to run
 * @vm: the machine
 *
 * From here on the guest may look, and its CPU stays what it is.
 */
void pvhost_cpuid_freeze(struct pvhost_vm *vm)
{
	/* Pairs with the release below, on another vCPU: whoever sees it sees the table. */
	if (likely(smp_load_acquire(&vm->has_run)))
		return;
	spin_lock(&vm->cpuid_lock);
	/* Pairs with the acquire above. */
	smp_store_release(&vm->has_run, true);
	spin_unlock(&vm->cpuid_lock);
}

static void signature(struct pvhost_vm *vm, u32 leaf, u32 out[4])
{
	if (leaf == SIGNATURE_LEAF) {
		out[0] = VERSION_LEAF;
		memcpy(&out[1], "PVhostPVhost", 12);
	} else if (leaf == VERSION_LEAF) {
		out[0] = PV_ABI_MAJOR << 16 | PV_ABI_MINOR;
		out[1] = lower_32_bits(vm->features);
		out[2] = upper_32_bits(vm->features);
	}
}

/* The number of this processor is the vCPU's, wherever it runs. */
static void number(u32 leaf, u32 index, u32 out[4])
{
	switch (leaf) {
	case 0x1:
		out[1] = (out[1] & 0x00ffffff) | index << 24;
		break;
	case 0xb: case 0x1f:
		out[3] = index;
		break;
	}
}

/**
 * pvhost_cpuid - PV_HC_CPUID
 * @v: the vCPU, which has run
 * @leaf: eax
 * @subleaf: ecx
 * @out: eax, ebx, ecx, edx
 */
void pvhost_cpuid(struct pvhost_vcpu *v, u32 leaf, u32 subleaf, u32 out[4])
{
	const struct pvhost_cpuid_entry *e;
	unsigned int nr;

	memset(out, 0, 4 * sizeof(*out));
	if ((leaf & 0xf0000000) == SIGNATURE_LEAF) {
		signature(v->vm, leaf, out);
		return;
	}
	e = table_of(v->vm, &nr);
	e = find(e, nr, leaf, subleaf);
	if (e) {
		out[0] = e->eax;
		out[1] = e->ebx;
		out[2] = e->ecx;
		out[3] = e->edx;
	}
	number(leaf, v->index, out);
}

/**
 * pvhost_cpuid_insn - answer the CPUID instruction, if that is what has faulted
 * @v: the vCPU, on its own thread
 * @regs: its registers
 *
 * Context: may sleep.
 * Return: 0; -EFAULT if it is something else; else as pvhost_fill().
 */
int pvhost_cpuid_insn(struct pvhost_vcpu *v, struct pt_regs *regs)
{
	u32 out[4];
	u8 code[2];
	int ret;

	ret = pvhost_fetch(v, v->space, regs->ip, code, sizeof(code));
	if (ret)
		return ret;
	if (!pvhost_is_cpuid(code))
		return -EFAULT;
	pvhost_cpuid(v, regs->ax, regs->cx, out);
	regs->ax = out[0];
	regs->bx = out[1];
	regs->cx = out[2];
	regs->dx = out[3];
	regs->ip = pvhost_next_ip(regs->ip, sizeof(code), regs->cs);
	regs->flags &= ~X86_EFLAGS_RF;
	return 0;
}
