/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fills guest memory before the first instruction (SPECIFICATION.md, section 2).
 */
#ifndef PVRUN_BOOT_H
#define PVRUN_BOOT_H

#include "image.h"
#include "layout.h"
#include "memory.h"

/**
 * struct boot_request - what a machine starts with
 * @image: parsed image
 * @layout: where everything goes
 * @initrd: its bytes, or NULL
 * @initrd_bytes: number of them
 * @cmdline: command line of the guest kernel
 * @nr_vcpus: vCPUs
 * @devices: device table
 * @nr_devices: entries of @devices
 * @features: what the host granted
 */
struct boot_request {
	const struct image *image;
	const struct layout *layout;
	const void *initrd;
	uint64_t initrd_bytes;
	const char *cmdline;
	unsigned int nr_vcpus;
	const struct pv_device *devices;
	unsigned int nr_devices;
	uint64_t features;
};

/**
 * struct boot_state - registers of vCPU 0
 * @rip: entry point
 * @rsp: top of the first stack
 * @rdi: virtual address of struct pv_boot
 * @root: gpa of the page tables
 */
struct boot_state {
	uint64_t rip;
	uint64_t rsp;
	uint64_t rdi;
	uint64_t root;
};

/**
 * boot_fill() - load the image and write what the loader owes the guest
 * @memory: guest RAM, still zero
 * @request: what to put there
 * @state: result
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int boot_fill(const struct memory *memory, const struct boot_request *request,
	      struct boot_state *state);

#endif
