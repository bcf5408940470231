/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first 4 KiB of kernel.efi, which make it two things at once:
 *
 *   a PE/COFF file  for UEFI: MZ at 0, the PE header where 0x3c points
 *   a Linux bzImage for QEMU, GRUB and other loaders of the Linux boot protocol
 *		     2.15: header at 0x1f1, 16-bit entry at 0x200
 *
 * Behind it lies the flat kernel image with its 32-bit, 64-bit and EFI entries.
 * Assembled alone; mkefi.py fills in the fields that depend on the kernel (the
 * labels in capitals below have fixed offsets, listed there).
 *
 * Sources: UEFI 2.10 section 2.1.1, PE/COFF specification section 3; Linux
 * Documentation/arch/x86/boot.rst.
 */
#define SETUP_SIZE	0x1000
#define KERNEL_LMA	0x100000

/* A zero page of our own behind the setup code, for the 32-bit entry. */
#define ZP		SETUP_SIZE
#define ZP_E820_ENTRIES	(ZP + 0x1e8)
#define ZP_HDR		(ZP + 0x1f1)
#define ZP_E820_TABLE	(ZP + 0x2d0)
#define E820_MAX	128
#define E820_ENTRY	20
#define SMAP		0x534d4150
#define STACK		0x4000

	.text
	.code16
	.globl _start
_start:
	.ascii "MZ"
	.org 0x3c
	.long pe_header - _start

pe_header:
	.ascii "PE\0\0"
	.short 0x8664			/* x86-64 */
	.short 1			/* sections */
	.long 0, 0, 0			/* time stamp, symbols */
	.short section_table - optional_header
	.short 0x206			/* executable, no line numbers, no local symbols */
optional_header:
	.short 0x20b			/* PE32+ */
	.byte 0, 0
	.long 0				/* 0x5c SizeOfCode */
	.long 0, 0
	.long 0				/* 0x68 AddressOfEntryPoint */
	.long SETUP_SIZE		/* BaseOfCode */
	.quad 0				/* ImageBase */
	.long 0x1000, 0x200		/* SectionAlignment, FileAlignment */
	.short 0, 0, 0, 0, 0, 0		/* versions */
	.long 0
	.long 0				/* 0x90 SizeOfImage */
	.long SETUP_SIZE		/* SizeOfHeaders */
	.long 0				/* CheckSum */
	.short 10			/* EFI application */
	.short 0x100			/* NX compatible */
	.quad 0, 0, 0, 0		/* stack and heap */
	.long 0
	.long 6				/* data directories, all empty */
	.quad 0, 0, 0, 0, 0, 0
section_table:
	.ascii ".text\0\0\0"
	.long 0				/* 0x100 VirtualSize */
	.long SETUP_SIZE		/* VirtualAddress */
	.long 0				/* 0x108 SizeOfRawData */
	.long SETUP_SIZE		/* PointerToRawData */
	.long 0, 0
	.short 0, 0
	.long 0x60000020		/* code, execute, read */

	.org 0x1f1
	.byte SETUP_SIZE / 512 - 1	/* setup_sects */
	.short 0			/* root_flags */
	.long 0				/* 0x1f4 syssize */
	.short 0, 0xffff, 0		/* ram_size, vid_mode, root_dev */
	.short 0xaa55
	.byte 0xeb, setup - 1f		/* jmp setup */
1:	.ascii "HdrS"
	.short 0x20f			/* protocol version */
	.long 0				/* realmode_swtch */
	.short 0			/* start_sys_seg */
	.short version - _start - 0x200
	.byte 0				/* type_of_loader */
	.byte 1				/* LOADED_HIGH */
	.short 0			/* setup_move_size */
	.long KERNEL_LMA		/* code32_start */
	.long 0, 0			/* ramdisk image, size */
	.long 0				/* bootsect_kludge */
	.short 0			/* heap_end_ptr */
	.byte 0, 0			/* ext_loader_ver, ext_loader_type */
	.long 0				/* cmd_line_ptr */
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x200000			/* kernel_alignment */
	.byte 0				/* relocatable_kernel */
	.byte 21			/* min_alignment, as a power of two */
	.short 1			/* xloadflags: 64-bit entry at 0x200 */
	.long 4095			/* cmdline_size: BOOT_CMDLINE_MAX - 1 */
	.long 0				/* hardware_subarch */
	.quad 0
	.long 0, 0			/* payload */
	.quad 0				/* setup_data */
	.quad KERNEL_LMA		/* pref_address */
	.long 0				/* 0x260 init_size */
	.long 0				/* handover_offset */
header_end:

	/* Entered at segment + 0x20, offset 0; ds = es = ss = segment. */
setup:
	cli
	cld
	movw $STACK, %sp
	movw $ZP, %di			/* an empty zero page with the header in it */
	xorl %eax, %eax
	movw $1024, %cx
	rep stosl
	movw $0x1f1, %si
	movw $ZP_HDR, %di
	movw $(header_end - _start - 0x1f1), %cx
	rep movsb
	call read_e820
	call enable_a20

	movw %ds, %ax
	movzwl %ax, %eax
	shll $4, %eax
	leal ZP(%eax), %esi		/* boot_params, linear */
	addl $(gdt - _start), %eax
	movl %eax, gdtr + 2 - _start
	lgdtl gdtr - _start
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	movw $0x18, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	ljmpl $0x10, $KERNEL_LMA

	/* ACPI 6.4 section 15.1: INT 15h, EAX=E820h. */
read_e820:
	movw $ZP_E820_TABLE, %di
	xorl %ebx, %ebx
1:	movl $0xe820, %eax
	movl $E820_ENTRY, %ecx
	movl $SMAP, %edx
	int $0x15
	jc 2f
	cmpl $SMAP, %eax
	jne 2f
	incb ZP_E820_ENTRIES
	addw $E820_ENTRY, %di
	cmpb $E820_MAX, ZP_E820_ENTRIES
	je 2f
	testl %ebx, %ebx
	jnz 1b
2:	cli
	ret

	/* System control port A, bit 1; bit 0 would reset the machine. */
enable_a20:
	inb $0x92, %al
	testb $2, %al
	jnz 1f
	orb $2, %al
	andb $0xfe, %al
	outb %al, $0x92
1:	ret

	.balign 8
gdt:	.quad 0, 0
	.quad 0x00cf9b000000ffff	/* 0x10: flat code */
	.quad 0x00cf93000000ffff	/* 0x18: flat data */
gdtr:	.short 31
	.long 0
version:
	.asciz "Twinix"

	.org SETUP_SIZE
