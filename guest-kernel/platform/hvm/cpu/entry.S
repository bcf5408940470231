/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way into the kernel and out of it (SDM vol. 3, chapters 5.8.8, 6.12, 6.14).
 *
 * All build one struct trapframe (include/platform/trap.h). From user mode it
 * lies at the top of the thread's kernel stack; SWAPGS makes GS point to this
 * CPU's struct hvm_cpu. RSP is 8 modulo 16 where C is called: the kernel uses no
 * vector registers, so nothing depends on it.
 *
 * #DB, NMI, #DF and #MC can arrive between SYSCALL and SWAPGS and between
 * SWAPGS and SYSRET, where CS does not tell whose GS base is loaded and RSP is
 * the user's. They have stacks of their own (IST) and look at the GS base
 * itself: user mode cannot make it negative, as FSGSBASE is not enabled.
 */
#include "../../x86/frame.h"
#include "../../x86/offsets.h"
#include "../mitigate.h"
#include "../percpu.h"

#define MSR_GS_BASE	0xc0000101
#define TRAP_GP		13
#define RFLAGS_TF_RF	0x10100

	.section .entry.text, "ax", @progbits

/* AC would let C code touch user memory by mistake. CLAC does not exist without SMAP. */
	.macro CLEAR_AC
	testb $1, hvm_has_smap(%rip)
	jz .Lno_smap_\@
	clac
.Lno_smap_\@:
	.endm

/*
 * System calls. IF, TF, DF, AC and NT are cleared by SFMASK; rcx holds rip, r11
 * rflags.
 */
	.globl hvm_syscall_entry
	.type hvm_syscall_entry, @function
hvm_syscall_entry:
	swapgs
	movq %rsp, %gs:CPU_USER_RSP
	DETOUR mitigated_syscall, MIT_ENTRY
	movq %gs:CPU_KSTACK_TOP, %rsp
	pushq $USER_DS
	pushq %gs:CPU_USER_RSP
	pushq %r11
	pushq $USER_CS
	pushq %rcx
	pushq %rax
	pushq %rdi
	PUSH_FROM_RSI
	.globl syscall_saved
syscall_saved:
	xorl %ebp, %ebp			/* end of the frame-pointer chain */
	sti
	movq %rsp, %rdi
	call trap_syscall
	cli
	movq %gs:CPU_CURRENT, %rax
	testl $THREAD_WORK_MASK, THREAD_WORK(%rax)
	jnz syscall_work

	/*
	 * SYSRET takes rip from rcx and rflags from r11, and faults in ring 0 on
	 * a non-canonical rip (Intel): so only for a frame that SYSCALL made and
	 * nobody changed, below the end of user space.
	 */
syscall_exit:
	movq TF_RIP(%rsp), %rcx
	movq TF_RFLAGS(%rsp), %r11
	cmpq TF_RCX(%rsp), %rcx
	jne restore_user
	cmpq TF_R11(%rsp), %r11
	jne restore_user
	testl $RFLAGS_TF_RF, %r11d
	jnz restore_user
	movq %rcx, %rax
	shrq $47, %rax
	jnz restore_user
	cmpq $USER_CS, TF_CS(%rsp)
	jne restore_user
	DETOUR mitigated_sysret, MIT_ENTRY
	POP_CALLEE_SAVED
	addq $8, %rsp			/* r11 */
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	addq $8, %rsp			/* rcx */
	popq %rdx
	popq %rsi
	popq %rdi
	movq 32(%rsp), %rsp		/* orig_rax, rip, cs, rflags, rsp */
	swapgs
	sysretq

syscall_work:
	sti
	movq %rsp, %rdi
	movl $1, %esi
	call trap_return_work
	cli
	movq %gs:CPU_CURRENT, %rax
	testl $THREAD_WORK_MASK, THREAD_WORK(%rax)
	jnz syscall_work
	jmp syscall_exit

/*
 * SYSCALL of 32-bit code, which Intel's CPUs refuse themselves. There is no such
 * ABI: a general protection fault, with what a PV kernel learns from its host in
 * this case, which is neither rip nor rsp.
 */
	.globl hvm_syscall32_entry
	.type hvm_syscall32_entry, @function
hvm_syscall32_entry:
	swapgs
	DETOUR mitigated_syscall32, MIT_ENTRY
	movq %gs:CPU_KSTACK_TOP, %rsp
	pushq $USER_DS
	pushq $0
	pushq %r11
	pushq $USER32_CS
	pushq $0
	pushq $0			/* error code */
	pushq %rdi
	PUSH_FROM_RSI
	movl $TRAP_GP, %edi
	jmp trap_user

/* To user mode with the frame at RSP; interrupts may be on. */
	.globl plat_return_to_user
	.type plat_return_to_user, @function
plat_return_to_user:
	cli
	movq %gs:CPU_CURRENT, %rax
	testl $THREAD_WORK_MASK, THREAD_WORK(%rax)
	jz restore_user
	sti
	movq %rsp, %rdi
	xorl %esi, %esi
	call trap_return_work
	jmp plat_return_to_user

restore_user:
	DETOUR mitigated_iret, MIT_ENTRY
	POP_REGISTERS
	addq $8, %rsp
	swapgs
	iretq				/* cannot fault: CS, SS and rip are always user mode's */

/* Traps and interrupts: the stub has pushed orig_rax and rdi; edi = vector. */
	.type trap_common, @function
trap_common:
	DETOUR mitigated_trap, MIT_ENTRY
	PUSH_FROM_RSI
	testb $3, TF_CS(%rsp)
	jz trap_kernel
	cld
	swapgs
	lfence				/* no speculation with the user's GS */
	.globl trap_user
trap_user:
	CLEAR_AC
	movl %edi, %esi
	movq %rsp, %rdi
	xorl %ebp, %ebp
	call hvm_trap_user
	jmp plat_return_to_user

	.globl trap_kernel
trap_kernel:
	cld
	CLEAR_AC
	movl %edi, %esi
	movq %rsp, %rdi
	call hvm_trap_kernel
	POP_REGISTERS
	addq $8, %rsp
	iretq

/*
 * The same on an interrupt stack. From user mode the frame moves to the
 * thread's stack and all goes on as with any other trap.
 */
	.type trap_ist, @function
trap_ist:
	DETOUR mitigated_ist, MIT_ENTRY
	testb $3, 24(%rsp)		/* rdi, orig_rax, rip, cs */
	jnz ist_user
	PUSH_FROM_RSI
	cld
	movl %edi, %r12d
	xorl %ebx, %ebx
	movl $MSR_GS_BASE, %ecx
	rdmsr
	testl %edx, %edx
	js 1f				/* kernel's already */
	swapgs
	movl $1, %ebx
1:	lfence
	movl %r12d, %esi
	movq %rsp, %rdi
	call ist_in_kernel
	testl %ebx, %ebx
	jz 2f
	swapgs
2:	POP_REGISTERS
	addq $8, %rsp
	iretq

	.globl ist_in_kernel
ist_in_kernel:
	CLEAR_AC
	jmp hvm_trap_ist

ist_user:
	swapgs
	lfence
	pushq %rsi
	movq %rsp, %rsi			/* rsi, rdi, orig_rax, rip, cs, rflags, rsp, ss */
	movq %gs:CPU_KSTACK_TOP, %rsp
	pushq 56(%rsi)
	pushq 48(%rsi)
	pushq 40(%rsi)
	pushq 32(%rsi)
	pushq 24(%rsi)
	pushq 16(%rsi)
	pushq 8(%rsi)
	movq (%rsi), %rsi
	PUSH_FROM_RSI
	cld
	jmp trap_user

/*
 * One stub per vector, 16 bytes apart. The CPU pushes an error code for some
 * (SDM vol. 3, table 6-1); the others get a zero there.
 */
	.balign 16
	.globl hvm_trap_stubs
hvm_trap_stubs:
	vector = 0
	.rept 256
	.balign 16
	has_error = (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17)
	has_error = has_error || (vector == 21) || (vector == 29) || (vector == 30)
	.if !has_error
	pushq $0
	.endif
	pushq %rdi
	movl $vector, %edi
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp trap_ist
	.else
	jmp trap_common
	.endif
	vector = vector + 1
	.endr

/* void hvm_enter_user(struct trapframe *tf): drops the present stack's content. */
	.globl hvm_enter_user
	.type hvm_enter_user, @function
hvm_enter_user:
	movq %rdi, %rsp
	jmp plat_return_to_user

/* void hvm_unblock_nmi(void): an IRET to where we are (SDM vol. 3, 6.7.1). */
	.globl hvm_unblock_nmi
	.type hvm_unblock_nmi, @function
hvm_unblock_nmi:
	movq %rsp, %rax
	pushq $GDT_KERNEL_DS
	pushq %rax
	pushfq
	pushq $GDT_KERNEL_CS
	leaq 1f(%rip), %rax
	pushq %rax
	iretq
1:	ret

/* void hvm_call_on_stack(unsigned long top, void (*fn)(u64), u64 arg): never returns. */
	.globl hvm_call_on_stack
	.type hvm_call_on_stack, @function
hvm_call_on_stack:
	movq %rdi, %rsp
	xorl %ebp, %ebp
	movq %rdx, %rdi
	call *%rsi
	ud2

	.section .note.GNU-stack, "", @progbits
