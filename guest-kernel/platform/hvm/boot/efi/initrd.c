// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initial RAM disk under EFI. Two ways, as Linux has them: the loader offers
 * it by LoadFile2 on a well-known device path (QEMU -initrd with OVMF), or the
 * command line names a file of our own volume: initrd=\path (UEFI shell).
 */
#include <string.h>

#include "stub.h"

#define NAME_MAX_CHARS	256
#define READ_CHUNK	(1ULL << 20)

struct vendor_path {
	u8 type, subtype;
	u8 len[2];
	struct efi_guid guid;
	u8 end_type, end_subtype;
	u8 end_len[2];
};

static efi_status_t initrd_from_loader(struct efi_stub *stub, bool *found)
{
	static const struct efi_guid load_file2 = EFI_LOAD_FILE2_GUID;
	struct vendor_path vp = {
		.type = 4, .subtype = 3, .len = { 20, 0 }, .guid = LINUX_INITRD_MEDIA_GUID,
		.end_type = 0x7f, .end_subtype = 0xff, .end_len = { 4, 0 },
	};
	struct efi_load_file *lf;
	efi_handle_t handle;
	void *path = &vp;
	efi_status_t err;
	u64 addr, size = 0;

	*found = false;
	if (stub->bs->locate_device_path(&load_file2, &path, &handle) ||
	    stub->bs->handle_protocol(handle, &load_file2, (void **)&lf))
		return EFI_SUCCESS;
	err = lf->load(lf, path, false, &size, NULL);
	if (err != EFI_BUFFER_TOO_SMALL || !size)
		return EFI_SUCCESS;
	err = efi_alloc_low(stub, EFI_LOADER_DATA, size, &addr);
	if (!err)
		err = lf->load(lf, path, false, &size, (void *)addr);
	if (err)
		return err;
	*found = true;
	stub->bi->initrd_base = addr;
	stub->bi->initrd_len = size;
	return EFI_SUCCESS;
}

/* Copies the value of initrd= to @name as UTF-16 with backslashes. */
static bool initrd_name(const char *cmdline, u16 name[NAME_MAX_CHARS])
{
	static const char key[] = "initrd=";
	const size_t key_len = sizeof(key) - 1;
	const char *p = cmdline;
	size_t n = 0;

	while (*p) {
		if ((p == cmdline || p[-1] == ' ') && memcmp(p, key, key_len) == 0)
			break;
		p++;
	}
	if (!*p)
		return false;
	for (p += key_len; *p && *p != ' ' && n < NAME_MAX_CHARS - 1; p++)
		name[n++] = *p == '/' ? '\\' : (u8)*p;
	name[n] = 0;
	return n > 0;
}

static efi_status_t read_file(struct efi_stub *stub, struct efi_file *file)
{
	efi_status_t err;
	u64 size, pos, addr;

	err = file->set_position(file, ~0ULL);	/* UEFI 2.10 section 13.5: the end */
	if (!err)
		err = file->get_position(file, &size);
	if (!err)
		err = file->set_position(file, 0);
	if (!err)
		err = efi_alloc_low(stub, EFI_LOADER_DATA, size, &addr);
	for (pos = 0; !err && pos < size;) {
		u64 n = min(size - pos, READ_CHUNK);

		err = file->read(file, &n, (void *)(addr + pos));
		if (!err && !n)
			err = EFI_LOAD_ERROR;
		pos += n;
	}
	if (err)
		return err;
	stub->bi->initrd_base = addr;
	stub->bi->initrd_len = size;
	return EFI_SUCCESS;
}

static efi_status_t initrd_from_volume(struct efi_stub *stub, const u16 *name)
{
	static const struct efi_guid simple_fs = EFI_SIMPLE_FS_GUID;
	struct efi_file *root, *file;
	struct efi_simple_fs *fs;
	efi_status_t err;

	err = stub->bs->handle_protocol(stub->loaded->device, &simple_fs, (void **)&fs);
	if (!err)
		err = fs->open_volume(fs, &root);
	if (err)
		return err;
	err = root->open(root, &file, name, EFI_FILE_MODE_READ, 0);
	if (!err) {
		err = read_file(stub, file);
		file->close(file);
	}
	root->close(root);
	return err;
}

/**
 * efi_initrd - load the initial RAM disk, if there is one
 * @stub: stub state
 *
 * Return: EFI status; success also if none was offered or asked for.
 */
efi_status_t efi_initrd(struct efi_stub *stub)
{
	u16 name[NAME_MAX_CHARS];
	efi_status_t err;
	bool found;

	err = initrd_from_loader(stub, &found);
	if (err || found)
		return err;
	if (!initrd_name(stub->bi->cmdline, name))
		return EFI_SUCCESS;
	return initrd_from_volume(stub, name);
}
