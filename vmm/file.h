/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that are read as a whole: images and initial RAM disks.
 */
#ifndef PVRUN_FILE_H
#define PVRUN_FILE_H

#include <stddef.h>

/**
 * struct blob - the contents of a file
 * @data: its bytes, a private copy that nobody can change behind our back
 * @size: number of them
 */
struct blob {
	void *data;
	size_t size;
};

/**
 * file_read() - read a whole file
 * @path: of a regular file that is not empty
 * @what: what it is, for messages
 * @limit: largest size that makes sense, in bytes
 * @blob: result, to be given back by free(@blob->data)
 *
 * Prints what is wrong. Return: 0, or a negative errno.
 */
int file_read(const char *path, const char *what, size_t limit, struct blob *blob);

#endif
