/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PV: the edges of the guest kernel. The register contract is pv-abi/SPECIFICATION.md, sections 3, 4.4 and 7.
 *
 * A kernel stack ends in two words: the vCPU's page (top - 16) and the thread (top - 8). An entry from user mode starts at top - 16, so
 * the first word it can pop is the page's address.
 */
#define __ASSEMBLER__ 1
#include <pv_abi.h>
#include <plat/thread.h>
#include <plat/trap.h>

#include "../x86/frame.h"
#include "../x86/offsets.h"

#define TF_VCPU		TF_SIZE		/* the stack's last words, seen from its user frame */
#define TF_THREAD	(TF_SIZE + 8)

	.text

/* SYSCALL from user mode: RCX and R11 hold nothing, all else is the program's. */
	.globl pv_syscall_entry
	.type pv_syscall_entry, @function
pv_syscall_entry:
	movq (%rsp), %rcx
	pushq $PV_SS
	pushq PV_OFF_SP(%rcx)
	movq PV_OFF_FLAGS(%rcx), %r11
	pushq %r11
	pushq $PV_CS64
	movq PV_OFF_IP(%rcx), %rcx
	pushq %rcx
	pushq %rax
	pushq %rdi
	PUSH_FROM_RSI
	movq TF_VCPU(%rsp), %rcx
	movb $0, PV_OFF_MASK(%rcx)
	cmpq $0, PV_OFF_PENDING(%rcx)
	jne 2f
1:	xorl %ebp, %ebp			/* ends frame-pointer chains */
	movq %rsp, %rdi
	call trap_syscall
	movl $1, %ebx			/* leaving a system call */
	jmp plat_return_to_user
2:	movl $PV_HC_NOP, %eax
	syscall
	jmp 1b
	.size pv_syscall_entry, . - pv_syscall_entry

/* Anything else from user mode. */
	.globl pv_user_entry
	.type pv_user_entry, @function
pv_user_entry:
	subq $40, %rsp
	pushq $-1
	pushq %rdi
	PUSH_FROM_RSI
	movq TF_VCPU(%rsp), %rbx
	movzwl PV_OFF_SS(%rbx), %eax
	movq %rax, TF_SS(%rsp)
	movq PV_OFF_SP(%rbx), %rax
	movq %rax, TF_RSP(%rsp)
	movq PV_OFF_FLAGS(%rbx), %rax
	movq %rax, TF_RFLAGS(%rsp)
	movzwl PV_OFF_CS(%rbx), %eax
	movq %rax, TF_CS(%rsp)
	movq PV_OFF_IP(%rbx), %rax
	movq %rax, TF_RIP(%rsp)
	xorl %ebp, %ebp
	movq %rsp, %rdi
	movq %rbx, %rsi
	call pv_user_trap
	xorl %ebx, %ebx
	jmp plat_return_to_user
	.size pv_user_entry, . - pv_user_entry

/*
 * To user mode with the frame at RSP, which is the top of the thread's stack. EBX: whether a system call is being left.
 * The page is filled masked, or an event's thread switch could use it in between.
 */
	.globl plat_return_to_user
	.type plat_return_to_user, @function
plat_return_to_user:
	call pv_irq_save
	movq TF_THREAD(%rsp), %rdx
	movq TF_VCPU(%rsp), %rcx
	testl $THREAD_WORK_MASK, THREAD_WORK(%rdx)
	jne 3f
	movq TF_RIP(%rsp), %rsi
	movq TF_RFLAGS(%rsp), %rdi
	movq TF_RSP(%rsp), %rdx
	movq TF_RAX(%rsp), %rax
	movq %rsi, PV_OFF_IP(%rcx)
	movq %rdi, PV_OFF_FLAGS(%rcx)
	movq %rdx, PV_OFF_SP(%rcx)
	movq %rax, PV_OFF_AX(%rcx)
	movl PV_OFF_GUEST(%rcx), %eax	/* roots and ranges that mmu.c wants done on the way */
	movl $0, PV_OFF_GUEST(%rcx)
	cmpq %rsi, TF_RCX(%rsp)
	jne 1f
	cmpq %rdi, TF_R11(%rsp)
	jne 1f
	cmpq $PV_CS64, TF_CS(%rsp)
	jne 1f
	orl $PV_RET_SYSRET, %eax
	jmp 2f
1:	movq TF_RCX(%rsp), %rdx
	movq %rdx, PV_OFF_CX(%rcx)
	movq TF_R11(%rsp), %rdx
	movq %rdx, PV_OFF_R11(%rcx)
	movl TF_CS(%rsp), %edx
	movw %dx, PV_OFF_CS(%rcx)
	movw $PV_SS, PV_OFF_SS(%rcx)
2:	movl %eax, PV_OFF_RET_FLAGS(%rcx)
	POP_CALLEE_SAVED
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	addq $16, %rsp
	popq %rdx
	popq %rsi
	popq %rdi
	movl $PV_HC_RET_USER, %eax
	syscall
	/* Refused: the frame is not one of user mode. It still lies below: nothing has run on this stack. */
	subq $TF_ORIG_RAX, %rsp
	movq %rsp, %rdi
	movq %rax, %rsi
	call pv_return_refused
	xorl %ebx, %ebx
	jmp plat_return_to_user

3:	movq %rsp, %rdi
	movl %ebx, %esi
	call pv_return_work		/* unmasks, works */
	xorl %ebx, %ebx			/* restart logic has been applied */
	jmp plat_return_to_user
	.size plat_return_to_user, . - plat_return_to_user

/* Traps and events of kernel mode: RSP is the interrupted one, the other registers live. */
	.globl pv_kernel_entry
	.type pv_kernel_entry, @function
pv_kernel_entry:
	subq $40, %rsp
	pushq $-1
	pushq %rdi
	PUSH_FROM_RSI
	movq %rsp, %rbx
	orq $PV_STACK_LAST, %rbx
	movq -15(%rbx), %rbx
	leaq TF_SIZE(%rsp), %rax
	movq %rax, TF_RSP(%rsp)
	movq PV_OFF_KIP(%rbx), %rax
	movq %rax, TF_RIP(%rsp)
	movq PV_OFF_KFLAGS(%rbx), %rax
	movq %rax, TF_RFLAGS(%rsp)
	movq $PV_CS_KERNEL, TF_CS(%rsp)
	movzbl PV_OFF_KCAUSE(%rbx), %esi
	movzbl PV_OFF_KVECTOR(%rbx), %edx
	movl PV_OFF_KERROR(%rbx), %ecx
	movq PV_OFF_KADDR(%rbx), %r8
	movb $0, PV_OFF_BUSY(%rbx)
	movq %rsp, %rdi
	call pv_kernel_trap		/* returns only from events, which come only when unmasked */
1:	movq %rsp, %rbx
	orq $PV_STACK_LAST, %rbx
	movq -15(%rbx), %rbx
	movq TF_RIP(%rsp), %rax		/* the two words just below the interrupted RSP */
	movq TF_RFLAGS(%rsp), %rdx
	movb $0, PV_OFF_MASK(%rbx)
	cmpq $0, PV_OFF_PENDING(%rbx)
	jne 2f
	movq %rax, TF_SS(%rsp)
	movq %rdx, TF_RSP(%rsp)
	POP_REGISTERS
	leaq 32(%rsp), %rsp		/* keeps no flags, touches none */
	popfq
	ret
2:	call pv_irq_save
	movq %rsp, %rdi
	call pv_kernel_events
	jmp 1b
	.size pv_kernel_entry, . - pv_kernel_entry

/* A trap before the kernel frame was saved: on a stack of its own, never returns. */
	.globl pv_double_entry
	.type pv_double_entry, @function
pv_double_entry:
	xorl %ebp, %ebp
	call pv_double_fault
	ud2
	.size pv_double_entry, . - pv_double_entry

/*
 * Restartable sequences: find the page of this vCPU, then use it. pv_kernel_trap() sends a thread that was interrupted between
 * a start and its end back to the start, since it may go on on another vCPU. RAX result, RCX lost.
 */
	.globl pv_irq_save, pv_irq_save_end, pv_irq_masked, pv_irq_masked_end
	.type pv_irq_save, @function
pv_irq_save:
	movq %rsp, %rcx
	orq $PV_STACK_LAST, %rcx
	movq -15(%rcx), %rcx
	movzbl PV_OFF_MASK(%rcx), %eax
	movb $1, PV_OFF_MASK(%rcx)
pv_irq_save_end:
	ret
	.size pv_irq_save, . - pv_irq_save

	.type pv_irq_masked, @function
pv_irq_masked:
	movq %rsp, %rcx
	orq $PV_STACK_LAST, %rcx
	movq -15(%rcx), %rcx
	movzbl PV_OFF_MASK(%rcx), %eax
pv_irq_masked_end:
	ret
	.size pv_irq_masked, . - pv_irq_masked

/* void plat_enter_user(void): the frame at the top of this stack. */
	.globl plat_enter_user
	.type plat_enter_user, @function
plat_enter_user:
	orq $PV_STACK_LAST, %rsp
	subq $(PV_STACK_LAST - (PV_KSTACK_SIZE - PV_STACK_SLOTS - TF_SIZE)), %rsp
	xorl %ebx, %ebx
	jmp plat_return_to_user
	.size plat_enter_user, . - plat_enter_user

/* Entry of the image: vCPU 0, RDI = struct pv_boot, on the loader's page tables and stack, masked. */
	.section .head.text, "ax"
	.globl pv_start
	.type pv_start, @function
pv_start:
	leaq boot_stack + PV_KSTACK_SIZE - PV_STACK_SLOTS(%rip), %rsp
	leaq boot_thread(%rip), %rax
	movq %rax, 8(%rsp)
	movq 80(%rdi), %rax		/* pv_boot.vcpu_pages, checked in boot.c */
	movabsq $PV_VA_DIRECT, %rdx
	addq %rdx, %rax
	movq %rax, (%rsp)
	xorl %ebp, %ebp
	call pv_boot_main
	ud2
	.size pv_start, . - pv_start

/* Entry of the other vCPUs: RDI = CPU number, RSP = top - 16 of the idle thread's stack with its last words set. */
	.text
	.globl pv_start_secondary
	.type pv_start_secondary, @function
pv_start_secondary:
	xorl %ebp, %ebp
	call pv_secondary_main
	ud2
	.size pv_start_secondary, . - pv_start_secondary

	.section .note.pvguest, "a", @note
	.balign 4
	.long 8, 24, PV_NOTE_TYPE
	.asciz "PVGUEST"
	.short PV_ABI_MAJOR, PV_ABI_MINOR
	.long 0
	.quad 0				/* required */
	.quad PV_FEAT_FSGSBASE | PV_FEAT_STEAL | PV_FEAT_TSC_STABLE

	.section .note.GNU-stack, "", @progbits
