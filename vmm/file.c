// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads files into memory of ours rather than mapping them: a mapped file that
 * somebody truncates would kill pvrun in the middle of a copy.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

static int read_all(int fd, struct blob *blob)
{
	size_t done = 0;

	while (done < blob->size) {
		ssize_t n = read(fd, (char *)blob->data + done, blob->size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;
		done += n;
	}
	return 0;
}

static int read_open(int fd, size_t limit, struct blob *blob)
{
	struct stat stat;
	int result;

	if (fstat(fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return S_ISDIR(stat.st_mode) ? -EISDIR : -ESPIPE;
	if ((uint64_t)stat.st_size > limit)
		return -EFBIG;
	if (!stat.st_size)
		return -ENODATA;
	blob->size = stat.st_size;
	blob->data = malloc(blob->size);
	if (!blob->data)
		return -ENOMEM;
	result = read_all(fd, blob);
	if (result)
		free(blob->data);
	return result;
}

static const char *reason(int error)
{
	switch (error) {
	case ESPIPE:
		return "not a regular file";
	case ENODATA:
		return "it is empty";
	case EIO:
		return "it became shorter while it was read, or cannot be read";
	default:
		return strerror(error);
	}
}

int file_read(const char *path, const char *what, size_t limit, struct blob *blob)
{
	/* Not waiting for the other end of a pipe that is none of ours. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), result;

	if (fd < 0)
		return fail(errno, "%s %s: %s", what, path, strerror(errno));
	result = read_open(fd, limit, blob);
	close(fd);
	if (result)
		return fail(result, "%s %s: %s", what, path, reason(-result));
	return 0;
}
