/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks of the paravirtual host in entry and trap code.
 *
 * A task with TIF_PVGUEST runs a guest in its user mode, on the guest's address
 * space. Whatever brings it into the kernel must be taken by one of these before
 * anything touches user memory or acts on the user registers. See
 * Documentation/virt/pvhost.rst.
 */
#ifndef _ASM_X86_PVHOST_H
#define _ASM_X86_PVHOST_H

#ifdef __ASSEMBLER__

/*
 * Calls do_syscall_64(): a static call, so that tasks pay nothing for guests, not
 * even a no-op. For objtool, the file that calls has to know the symbol of the key.
 */
.macro PVHOST_CALL_SYSCALL_64
#ifdef CONFIG_PVHOST
	call	__SCT__pvhost_syscall_64
	.pushsection .discard.addressable, "aw"
	.quad	__SCK__pvhost_syscall_64
	.popsection
#else
	call	do_syscall_64
#endif
.endm

#else /* !__ASSEMBLER__ */

#include <linux/jump_label.h>
#include <linux/static_call_types.h>
#include <linux/thread_info.h>

struct pt_regs;

bool do_syscall_64(struct pt_regs *regs, int nr);

/* How a compat system call got here. */
#define PVHOST_INT80		0
#define PVHOST_SYSENTER		1

#ifdef CONFIG_PVHOST

DECLARE_STATIC_KEY_FALSE(pvhost_key);

/* do_syscall_64(), or while there are machines pvhost_syscall(). */
DECLARE_STATIC_CALL(pvhost_syscall_64, do_syscall_64);

bool pvhost_syscall(struct pt_regs *regs, int nr);
bool __pvhost_compat_syscall(struct pt_regs *regs, int how);
bool __pvhost_trap(struct pt_regs *regs, int vector, unsigned long error,
		   unsigned long addr);
bool pvhost_page_fault(struct pt_regs *regs, unsigned long error,
		       unsigned long addr);
bool pvhost_uaccess_okay(void);
void pvhost_enter_guest(void);
unsigned long pvhost_exit_work(struct pt_regs *regs, unsigned long ti_work);

/* Does the user mode of the current task belong to a guest? */
static __always_inline bool pvhost_guest_mode(void)
{
	return static_branch_unlikely(&pvhost_key) &&
	       test_thread_flag(TIF_PVGUEST);
}

/* The same, from thread flags already at hand. */
static __always_inline bool pvhost_work(unsigned long ti_work)
{
	return unlikely(ti_work & _TIF_PVGUEST);
}

static __always_inline bool pvhost_call_syscall_64(struct pt_regs *regs, int nr)
{
	return static_call(pvhost_syscall_64)(regs, nr);
}

#else

static __always_inline bool pvhost_guest_mode(void)
{
	return false;
}

static __always_inline bool pvhost_work(unsigned long ti_work)
{
	return false;
}

static __always_inline bool pvhost_call_syscall_64(struct pt_regs *regs, int nr)
{
	return do_syscall_64(regs, nr);
}

static inline bool __pvhost_compat_syscall(struct pt_regs *regs, int how)
{
	return false;
}

static inline bool __pvhost_trap(struct pt_regs *regs, int vector,
				 unsigned long error, unsigned long addr)
{
	return false;
}

static inline bool pvhost_page_fault(struct pt_regs *regs, unsigned long error,
				     unsigned long addr)
{
	return false;
}

static inline bool pvhost_uaccess_okay(void)
{
	return true;
}

static inline void pvhost_enter_guest(void)
{
}

static inline unsigned long pvhost_exit_work(struct pt_regs *regs,
					     unsigned long ti_work)
{
	return ti_work;
}

#endif /* CONFIG_PVHOST */

/* Did the guest raise this trap, and has it been dealt with? */
static __always_inline bool pvhost_trap(struct pt_regs *regs, int vector,
					unsigned long error, unsigned long addr)
{
	return pvhost_guest_mode() && __pvhost_trap(regs, vector, error, addr);
}

/* Did the guest make this int80 or SYSENTER, and has it been dealt with? */
static __always_inline bool pvhost_compat_syscall(struct pt_regs *regs, int how)
{
	return pvhost_guest_mode() && __pvhost_compat_syscall(regs, how);
}

#endif /* __ASSEMBLER__ */

#endif /* _ASM_X86_PVHOST_H */
