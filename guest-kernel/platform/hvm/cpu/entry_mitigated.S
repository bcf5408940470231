/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in and out of entry.S with the defences that this CPU needs (mitigations.c): detours that
 * are patched into entry.S while booting, so that nothing is paid where they are off.
 *
 * In: the kernel's tables are loaded before anything but the entry code, struct hvm_cpu and the
 * interrupt stacks is touched, with the stack pointer or a saved register as the only scratch.
 * An LFENCE follows each decision whether to SWAPGS, on both of its ways. A program's values are cleared
 * from the registers when they are saved.
 * Out: the same backwards. Where the program's tables are loaded, the stack must be among what they
 * map: SYSRET has the program's already, IRET uses the entry stack in struct hvm_cpu.
 *
 * Interrupts are off in all of this; #DB, NMI, #DF and #MC come on their own stacks at any place
 * and leave GS base, CR3 and SPEC_CTRL as they found them.
 */
#include "../../x86/frame.h"
#include "../../x86/offsets.h"
#include "../mitigate.h"
#include "../percpu.h"

#define MSR_GS_BASE	0xc0000101
#define MSR_SPEC_CTRL	0x48
#define SPEC_IBRS	1
#define TRAP_GP		13
#define BHB_OUTER	5	/* as many branches as the history of CPUs without BHI_CTRL holds, */
#define BHB_INNER	5	/* and half as many again (Intel, "Branch History Injection") */
#define RSB_ENTRIES	32

	.section .entry.text, "ax", @progbits

	.macro LOAD_KERNEL_TABLES scratch
	movq %gs:CPU_KERNEL_CR3, \scratch
	movq \scratch, %cr3
	.endm

/* From now on without a flush; kpti_flush_user() asks for one again. */
	.macro LOAD_USER_TABLES scratch
	movq %gs:CPU_USER_CR3, \scratch
	movq \scratch, %cr3
	SKIP_UNLESS MIT_PCID, .Lno_pcid_\@
	btsq $63, \scratch
	movq \scratch, %gs:CPU_USER_CR3
.Lno_pcid_\@:
	.endm

/* The program's values are in the frame. rdi and rsi are the caller's affair. */
	.macro CLEAR_REGISTERS
	xorl %eax, %eax
	xorl %ebx, %ebx
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %ebp, %ebp
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
	.endm

/* rax, rcx and rdx are lost. */
	.macro RESTRICT_BRANCHES
	SKIP_UNLESS MIT_IBRS, .Lno_ibrs_\@
	movl $MSR_SPEC_CTRL, %ecx
	movl %gs:CPU_SPEC_CTRL, %eax
	orl $SPEC_IBRS, %eax
	xorl %edx, %edx
	wrmsr
.Lno_ibrs_\@:
	SKIP_UNLESS MIT_BHB, .Lno_bhb_\@
	call clear_branch_history
.Lno_bhb_\@:
	.endm

	.macro RELEASE_BRANCHES
	SKIP_UNLESS MIT_IBRS, .Lno_ibrs_\@
	movl $MSR_SPEC_CTRL, %ecx
	movl %gs:CPU_SPEC_CTRL, %eax
	xorl %edx, %edx
	wrmsr
.Lno_ibrs_\@:
	.endm

/* Flags and registers are the program's but for what follows from SYSRET and IRET. */
	.macro CLEAR_BUFFERS
	SKIP_UNLESS MIT_VERW, .Lno_verw_\@
	verw %gs:CPU_VERW
.Lno_verw_\@:
	.endm

/* System calls, from hvm_syscall_entry: the program's rsp is in CPU_USER_RSP. */
	.globl mitigated_syscall
mitigated_syscall:
	SKIP_UNLESS MIT_KPTI, 1f
	LOAD_KERNEL_TABLES %rsp
1:	movq %gs:CPU_KSTACK_TOP, %rsp
	pushq $USER_DS
	pushq %gs:CPU_USER_RSP
	pushq %r11
	pushq $USER_CS
	pushq %rcx
	pushq %rax
	pushq %rdi
	PUSH_FROM_RSI
	CLEAR_REGISTERS
	xorl %esi, %esi
	RESTRICT_BRANCHES
	jmp syscall_saved

/* From hvm_syscall32_entry, which explains the frame. */
	.globl mitigated_syscall32
mitigated_syscall32:
	SKIP_UNLESS MIT_KPTI, 1f
	LOAD_KERNEL_TABLES %rsp
1:	movq %gs:CPU_KSTACK_TOP, %rsp
	pushq $USER_DS
	pushq $0
	pushq %r11
	pushq $USER32_CS
	pushq $0
	pushq $0
	pushq %rdi
	movl $TRAP_GP, %edi
	jmp saved_but_rsi

/* From trap_common: rdi and orig_rax are pushed, edi is the vector. */
	.globl mitigated_trap
mitigated_trap:
	cld
	testb $3, 24(%rsp)
	jz trap_from_kernel
	swapgs
	lfence
	SKIP_UNLESS MIT_KPTI, saved_but_rsi
trap_to_kstack:
	pushq %rsi
	SKIP_UNLESS MIT_KPTI, 1f
	LOAD_KERNEL_TABLES %rsi
1:	movq %rsp, %rsi			/* rsi, rdi, orig_rax, rip, cs, rflags, rsp, ss */
	movq %gs:CPU_KSTACK_TOP, %rsp
	pushq 56(%rsi)
	pushq 48(%rsi)
	pushq 40(%rsi)
	pushq 32(%rsi)
	pushq 24(%rsi)
	pushq 16(%rsi)
	pushq 8(%rsi)
	movq (%rsi), %rsi
saved_but_rsi:
	PUSH_FROM_RSI
	CLEAR_REGISTERS
	RESTRICT_BRANCHES
	jmp trap_user

trap_from_kernel:
	lfence
	PUSH_FROM_RSI
	jmp trap_kernel

/* From trap_ist: the kernel may not have been ready, or may not be any more. */
	.globl mitigated_ist
mitigated_ist:
	cld
	testb $3, 24(%rsp)
	jz 1f
	swapgs
	lfence
	jmp trap_to_kstack
1:	PUSH_FROM_RSI
	movl %edi, %r12d
	xorl %ebx, %ebx
	movl $MSR_GS_BASE, %ecx
	rdmsr
	testl %edx, %edx
	js 2f
	swapgs
	movl $1, %ebx
2:	lfence
	SKIP_UNLESS MIT_KPTI, 3f
	movq %cr3, %r13
	LOAD_KERNEL_TABLES %rax
3:	SKIP_UNLESS MIT_IBRS, 4f
	movl $MSR_SPEC_CTRL, %ecx
	rdmsr
	movl %eax, %r14d
	orl $SPEC_IBRS, %eax
	wrmsr
4:	movl %r12d, %esi
	movq %rsp, %rdi
	call ist_in_kernel
	SKIP_UNLESS MIT_IBRS, 5f
	movl $MSR_SPEC_CTRL, %ecx
	movl %r14d, %eax
	xorl %edx, %edx
	wrmsr
5:	SKIP_UNLESS MIT_KPTI, 7f
	SKIP_UNLESS MIT_PCID, 6f
	btsq $63, %r13
6:	movq %r13, %cr3
7:	CLEAR_BUFFERS
	testl %ebx, %ebx
	jz 8f
	swapgs
8:	POP_REGISTERS
	addq $8, %rsp
	iretq

/* From syscall_exit: the frame is one that SYSRET can restore. */
	.globl mitigated_sysret
mitigated_sysret:
	RELEASE_BRANCHES
	movq TF_RIP(%rsp), %rcx
	POP_CALLEE_SAVED
	popq %r11			/* equal to rflags, as rcx is to rip */
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	addq $8, %rsp
	popq %rdx
	popq %rsi
	popq %rdi
	SKIP_UNLESS MIT_KPTI, 1f
	movq %rax, %gs:CPU_SCRATCH
	movq 32(%rsp), %rax		/* orig_rax, rip, cs, rflags, rsp */
	movq %rax, %gs:CPU_USER_RSP
	LOAD_USER_TABLES %rax
	movq %gs:CPU_SCRATCH, %rax
	movq %gs:CPU_USER_RSP, %rsp
	jmp 2f
1:	movq 32(%rsp), %rsp
2:	CLEAR_BUFFERS
	swapgs
	sysretq

/* From restore_user: any frame. */
	.globl mitigated_iret
mitigated_iret:
	RELEASE_BRANCHES
	POP_REGISTERS
	SKIP_UNLESS MIT_KPTI, 1f
	movq %rdi, %gs:CPU_SCRATCH
	movq %rsp, %rdi
	movq %gs:CPU_ENTRY_TOP, %rsp
	pushq 40(%rdi)			/* orig_rax, rip, cs, rflags, rsp, ss */
	pushq 32(%rdi)
	pushq 24(%rdi)
	pushq 16(%rdi)
	pushq 8(%rdi)
	LOAD_USER_TABLES %rdi
	movq %gs:CPU_SCRATCH, %rdi
	jmp 2f
1:	addq $8, %rsp
2:	CLEAR_BUFFERS
	swapgs
	iretq				/* cannot fault: see restore_user */

/*
 * Taken branches that a program has no part in, until the history holds nothing else; the LFENCE
 * keeps later ones from being predicted before. rax and rcx are lost.
 */
clear_branch_history:
	movl $BHB_OUTER, %ecx
1:	call 2f
	decl %ecx
	jnz 1b
	lfence
	ret
2:	movl $BHB_INNER, %eax
3:	jmp 4f
	nop
4:	decl %eax
	jnz 3b
	ret

/*
 * void hvm_fill_rsb(void): calls whose return addresses lead into a trap, so that no RET of the next
 * thread's kernel stack goes where the last program wanted it.
 */
	.text
	.globl hvm_fill_rsb
	.type hvm_fill_rsb, @function
hvm_fill_rsb:
	movl $(RSB_ENTRIES / 2), %eax
1:	call 2f
	int3
2:	call 3f
	int3
3:	addq $16, %rsp
	decl %eax
	jnz 1b
	lfence
	ret
	.size hvm_fill_rsb, . - hvm_fill_rsb

	.section .note.GNU-stack, "", @progbits
