// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest for testing pvrun: does the one thing that the first word of its command line
 * says. It registers no entry points and takes no event: it only looks at pending.
 */
#include <linux/virtio_blk.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "hypercall.h"
#include "pv_abi.h"

#define KERNEL_VA	0x7ff000000000
#define QUEUE		8

static struct pv_vcpu *vcpu;
static char buffer[4096] __attribute__((aligned(4096)));

__asm__(".section .note.pvguest, \"a\", @note\n"
	".balign 4\n.long 8, 24, 1\n.asciz \"PVGUEST\"\n.short 1, 0\n.long 0\n.quad 0, 0\n"
	".text\n.globl start\nstart: call guest_main\nud2\n"
	".section .note.GNU-stack, \"\", @progbits\n.text\n");

static unsigned long gpa_of(const volatile void *object)
{
	return (unsigned long)object - KERNEL_VA;
}

/* All of it, however often the launcher has no room. */
static void print(const char *text, unsigned long bytes)
{
	unsigned long done = 0;

	for (unsigned long i = 0; i < bytes; i++)
		buffer[i] = text[i];
	while (done < bytes)
		done += hypercall(PV_HC_CONSOLE_WRITE, gpa_of(buffer + done), bytes - done, 0, 0, 0);
}

static void shut_down(int how, int status, const char *message, unsigned long bytes)
{
	hypercall(PV_HC_SHUTDOWN, how, status, message ? gpa_of(message) : 0, bytes, 0);
}

/* Sleeps until one of the events is pending; takes them. */
static void wait_for(unsigned long events)
{
	while (!(vcpu->pending & events)) {
		__atomic_fetch_and(&vcpu->pending, events, __ATOMIC_SEQ_CST);
		hypercall(PV_HC_BLOCK, PV_ANY, 0, 0, 0, 0);
	}
	__atomic_fetch_and(&vcpu->pending, ~events, __ATOMIC_SEQ_CST);
}

/* Gives back what is typed, up to a 'q'. */
static void echo(void)
{
	static char typed[64];

	for (;;) {
		long n = hypercall(PV_HC_CONSOLE_READ, gpa_of(typed), sizeof(typed), 0, 0, 0);

		long end = 0;

		while (end < n && typed[end] != 'q')
			end++;
		print(typed, end);
		if (end < n)
			return;
		if (n <= 0)
			wait_for(1UL << PV_EVENT_CONSOLE);
	}
}

/* Prints the numbers from 0, in lines of 64 bytes, until the power event comes. */
static void print_lines(unsigned long lines, int deaf)
{
	static char line[64];

	for (unsigned long n = 0; n < lines && (deaf || !(vcpu->pending & 1UL << PV_EVENT_POWER)); n++) {
		unsigned long rest = n;

		for (int i = sizeof(line) - 2; i >= 0; i--, rest /= 10)
			line[i] = '0' + rest % 10;
		line[sizeof(line) - 1] = '\n';
		print(line, sizeof(line));
	}
}

/* Prints what the guest may use of a leaf: four numbers of 8 digits in a line. */
static void show_cpuid(unsigned int leaf, unsigned int subleaf)
{
	static char line[36];

	hypercall(PV_HC_CPUID, leaf, subleaf, 0, 0, 0);
	for (int i = 0; i < 4; i++) {
		for (int digit = 0; digit < 8; digit++)
			line[9 * i + digit] = "0123456789abcdef"[vcpu->out[i] >> (28 - 4 * digit) & 15];
		line[9 * i + 8] = i < 3 ? ' ' : '\n';
	}
	print(line, sizeof(line));
}

/* Touches every page behind the boot information, which nothing uses. */
static void touch_memory(const struct pv_boot *boot)
{
	const struct pv_memory *map = (struct pv_memory *)(PV_VA_DIRECT + boot->memory);

	for (unsigned int i = 0; i < boot->nr_memory; i++)
		for (unsigned long at = 0; map[i].type == PV_MEM_RAM && at < map[i].size; at += 4096)
			*(volatile char *)(PV_VA_DIRECT + map[i].base + at) = 1;
}

/* ------------------------------------------------------------- disk */

static struct vring_desc desc[QUEUE] __attribute__((aligned(16)));
static struct { struct vring_avail head; __u16 ring[QUEUE]; } avail __attribute__((aligned(2)));
static struct { struct vring_used head; struct vring_used_elem ring[QUEUE]; } used
	__attribute__((aligned(4)));
static struct virtio_blk_outhdr header;
static char status;
static char sector[512];
static unsigned char large[16384];
static unsigned long event;	/* of the disk in use */

static void set(unsigned long device, unsigned long offset, unsigned long value)
{
	hypercall(PV_HC_DEV_WRITE, device, offset, 4, value, 0);
}

static unsigned long get(unsigned long device, unsigned long offset)
{
	return hypercall(PV_HC_DEV_READ, device, offset, 4, 0, 0);
}

static void set_up_disk(unsigned long device)
{
	set(device, VIRTIO_MMIO_STATUS, 0);
	avail.head.idx = 0;
	used.head.idx = 0;
	set(device, VIRTIO_MMIO_STATUS, 3);
	set(device, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	set(device, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	set(device, VIRTIO_MMIO_STATUS, 11);
	set(device, VIRTIO_MMIO_QUEUE_NUM, QUEUE);
	set(device, VIRTIO_MMIO_QUEUE_DESC_LOW, gpa_of(desc));
	set(device, VIRTIO_MMIO_QUEUE_AVAIL_LOW, gpa_of(&avail));
	set(device, VIRTIO_MMIO_QUEUE_USED_LOW, gpa_of(&used));
	set(device, VIRTIO_MMIO_QUEUE_READY, 1);
	set(device, VIRTIO_MMIO_STATUS, 15);
}

/* One request. Return: the status byte. */
static int request(unsigned long device, unsigned int type, unsigned long where, void *data,
		   unsigned int bytes)
{
	int to_guest = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;

	header = (struct virtio_blk_outhdr) { .type = type, .sector = where };
	desc[0] = (struct vring_desc) { gpa_of(&header), sizeof(header), VRING_DESC_F_NEXT, 1 };
	desc[1] = (struct vring_desc) {
		gpa_of(data), bytes, VRING_DESC_F_NEXT | (to_guest ? VRING_DESC_F_WRITE : 0), 2,
	};
	desc[2] = (struct vring_desc) { gpa_of(&status), 1, VRING_DESC_F_WRITE, 0 };
	avail.ring[avail.head.idx % QUEUE] = 0;
	status = 99;
	__atomic_store_n(&avail.head.idx, avail.head.idx + 1, __ATOMIC_RELEASE);
	hypercall(PV_HC_DOORBELL, device, 0, 0, 0, 0);
	wait_for(1UL << event);
	set(device, VIRTIO_MMIO_INTERRUPT_ACK, 1);
	return status;
}

/* Copies sector 0 to sector 1 and shows the beginning. */
static int copy_sector(unsigned long device)
{
	if (request(device, VIRTIO_BLK_T_IN, 0, sector, sizeof(sector)))
		return 10;
	print(sector, 8);
	return request(device, VIRTIO_BLK_T_OUT, 1, sector, sizeof(sector));
}

/* Counts boots in sector 0, and asks for another one until it is the fourth. */
static int count_boots(unsigned long device)
{
	if (request(device, VIRTIO_BLK_T_IN, 0, sector, sizeof(sector)))
		return 50;
	if (++sector[0] == '4')
		return 0;
	if (request(device, VIRTIO_BLK_T_OUT, 0, sector, sizeof(sector)))
		return 51;
	print(sector, 1);
	shut_down(PV_SHUTDOWN_REBOOT, 52, 0, 0);
	return 53;
}

static unsigned char pattern(unsigned long round, unsigned long i)
{
	return i * 7 + (i >> 9) + round * 31;
}

/* Writes and reads back, in large requests. */
static int fill_and_compare(unsigned long device)
{
	for (unsigned long round = 0; round < 4; round++) {
		unsigned long where = round * sizeof(large) / 512;

		for (unsigned long i = 0; i < sizeof(large); i++)
			large[i] = pattern(round, i);
		if (request(device, VIRTIO_BLK_T_OUT, where, large, sizeof(large)) ||
		    request(device, VIRTIO_BLK_T_FLUSH, 0, large, 0))
			return 20;
		for (unsigned long i = 0; i < sizeof(large); i++)
			large[i] = 0;
		if (request(device, VIRTIO_BLK_T_IN, where, large, sizeof(large)))
			return 21;
		for (unsigned long i = 0; i < sizeof(large); i++)
			if (large[i] != pattern(round, i))
				return 22;
	}
	return 0;
}

/* Zeroes the second sector and gives the third one back. */
static int zero_and_discard(unsigned long device)
{
	static struct virtio_blk_discard_write_zeroes range;

	range = (struct virtio_blk_discard_write_zeroes) { .sector = 1, .num_sectors = 1 };
	if (request(device, VIRTIO_BLK_T_WRITE_ZEROES, 0, &range, sizeof(range)))
		return 30;
	range.sector = 2;
	if (request(device, VIRTIO_BLK_T_DISCARD, 0, &range, sizeof(range)))
		return 31;
	if (request(device, VIRTIO_BLK_T_IN, 0, large, 2048))
		return 32;
	for (unsigned long i = 512; i < 1024; i++)
		if (large[i])
			return 33;
	return large[511] == pattern(0, 511) && large[1536] == pattern(0, 1536) ? 0 : 34;
}

/* Puts nonsense into the ring, is told, resets, goes on. */
static int recover(unsigned long device)
{
	__atomic_store_n(&avail.head.idx, avail.head.idx + 1000, __ATOMIC_RELEASE);
	hypercall(PV_HC_DOORBELL, device, 0, 0, 0, 0);
	wait_for(1UL << event);
	if (!(get(device, VIRTIO_MMIO_STATUS) & 0x40) ||
	    get(device, VIRTIO_MMIO_INTERRUPT_STATUS) != VIRTIO_MMIO_INT_CONFIG)
		return 40;
	set_up_disk(device);
	return request(device, VIRTIO_BLK_T_IN, 0, sector, sizeof(sector)) ? 41 : 0;
}

/* Everything a disk can do, for each disk; shows their identities. */
static int use_disk(unsigned long device)
{
	int result;

	if (request(device, VIRTIO_BLK_T_GET_ID, 0, sector, 20))
		return 13;
	sector[20] = '\n';
	print(sector, 21);
	result = fill_and_compare(device);
	if (!result)
		result = zero_and_discard(device);
	return result ? result : recover(device);
}

static void for_each_disk(const struct pv_boot *boot, int (*use)(unsigned long device))
{
	const struct pv_device *devices = (struct pv_device *)(PV_VA_DIRECT + boot->devices);
	int result = 11;

	for (unsigned int i = 0; i < boot->nr_devices; i++) {
		if (devices[i].type != PV_DEV_VIRTIO || devices[i].id != 2)
			continue;
		event = devices[i].event;
		set_up_disk(i);
		result = use(i);
		if (result)
			break;
	}
	shut_down(PV_SHUTDOWN_POWEROFF, result, 0, 0);
}

/* ------------------------------------------------------------- choice */

static long number(const char *text)
{
	long n = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		n = n * 10 + *text - '0';
	return n;
}

void guest_main(const struct pv_boot *boot)
{
	static const char message[] = "it hurts\033[31m";
	const char *words = (const char *)(PV_VA_DIRECT + boot->cmdline);

	vcpu = (struct pv_vcpu *)(PV_VA_DIRECT + boot->vcpu_pages);
	switch (words[0]) {
	case 'x':	/* xN: end with status N */
		shut_down(PV_SHUTDOWN_POWEROFF, number(words + 1), 0, 0);
		break;
	case 'p':	/* panic */
		shut_down(PV_SHUTDOWN_PANIC, number(words + 1), message, sizeof(message) - 1);
		break;
	case 'r':	/* reboot, once a line of input */
		print("up\n", 3);
		echo();
		shut_down(PV_SHUTDOWN_REBOOT, 5, 0, 0);
		break;
	case 'c':	/* crash */
		__asm__ volatile("ud2");
		break;
	case 'w':	/* wait for the power event */
		print("waiting\n", 8);
		wait_for(1UL << PV_EVENT_POWER);
		shut_down(PV_SHUTDOWN_POWEROFF, 3, 0, 0);
		break;
	case 's':	/* spin, deaf */
		print("spinning\n", 9);
		for (;;)
			__asm__ volatile("pause");
	case 'e':	/* echo */
		print("ready\n", 6);
		echo();
		shut_down(PV_SHUTDOWN_POWEROFF, 0, 0, 0);
		break;
	case 'i':	/* initrd: print its beginning */
		print((const char *)(PV_VA_DIRECT + boot->initrd), boot->initrd_size);
		shut_down(PV_SHUTDOWN_POWEROFF, 0, 0, 0);
		break;
	case 'd':	/* disks: read and write a sector */
		for_each_disk(boot, copy_sector);
		break;
	case 'D':	/* disks: everything */
		for_each_disk(boot, use_disk);
		break;
	case 'b':	/* disk: count boots */
		for_each_disk(boot, count_boots);
		break;
	case 'l':	/* lN: print N lines */
		print_lines(number(words + 1), 1);
		shut_down(PV_SHUTDOWN_POWEROFF, 0, 0, 0);
		break;
	case 'f':	/* flood the console until the power event comes */
		print_lines(-1UL, 0);
		shut_down(PV_SHUTDOWN_POWEROFF, 3, 0, 0);
		break;
	case 'F':	/* flood it, deaf */
		print_lines(-1UL, 1);
		break;
	case 'u':	/* show CPUID */
		show_cpuid(0x1, 0);
		show_cpuid(0x7, 0);
		shut_down(PV_SHUTDOWN_POWEROFF, 0, 0, 0);
		break;
	case 't':	/* touch all memory */
		print("touching\n", 9);
		touch_memory(boot);
		shut_down(PV_SHUTDOWN_POWEROFF, 0, 0, 0);
	}
	shut_down(PV_SHUTDOWN_POWEROFF, 12, 0, 0);
}
