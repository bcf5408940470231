// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest RAM. Shared file memory, not private anonymous memory: the host maps its
 * pages into the guest's address spaces besides ours.
 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"

#define LARGE_PAGE	(2UL << 20)

/* Maps the file at a multiple of 2 MiB, so that both sides can use large pages. */
static int map_aligned(struct memory *memory)
{
	uint8_t *room, *base;

	room = mmap(NULL, memory->bytes + LARGE_PAGE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return -errno;
	base = (uint8_t *)(((uintptr_t)room + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1));
	memory->base = mmap(base, memory->bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED | MAP_NORESERVE, memory->fd, 0);
	if (memory->base == MAP_FAILED)
		return -errno;
	if (base > room)
		munmap(room, base - room);
	munmap(base + memory->bytes, room + LARGE_PAGE - base);
	return 0;
}

int memory_create(struct memory *memory, uint64_t bytes)
{
	int error = 0;

	memory->bytes = bytes;
	memory->fd = memfd_create("guest-memory", MFD_CLOEXEC);
	if (memory->fd < 0)
		return fail(errno, "cannot make a memory file: %s", strerror(errno));
	if (ftruncate(memory->fd, bytes))
		error = -errno;
	else
		error = map_aligned(memory);
	if (error) {
		close(memory->fd);
		return fail(error, "cannot have %llu MiB of guest memory: %s",
			    (unsigned long long)bytes >> 20, strerror(-error));
	}
	/* Hints: without them the guest is slower, or its memory shows up in a core dump. */
	madvise(memory->base, bytes, MADV_HUGEPAGE);
	madvise(memory->base, bytes, MADV_DONTDUMP);
	return 0;
}

int memory_clear(const struct memory *memory)
{
	if (fallocate(memory->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, memory->bytes))
		return fail(errno, "cannot clear the guest's memory: %s", strerror(errno));
	return 0;
}

void memory_destroy(struct memory *memory)
{
	munmap(memory->base, memory->bytes);
	close(memory->fd);
}

void *memory_at(const struct memory *memory, uint64_t gpa, uint64_t bytes)
{
	if (gpa > memory->bytes || bytes > memory->bytes - gpa)
		return NULL;
	return memory->base + gpa;
}
