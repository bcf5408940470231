/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of UEFI that the stub calls: structures and GUIDs from the UEFI
 * Specification 2.10 (sections 4, 7, 9, 12, 13). Members that the stub does not
 * use are kept as untyped pointers, for the layout.
 */
#ifndef _HVM_BOOT_EFI_H
#define _HVM_BOOT_EFI_H

#include <types.h>

#define EFIAPI		__attribute__((ms_abi))

typedef u64 efi_status_t;
typedef void *efi_handle_t;

#define EFI_SUCCESS		0
#define EFI_ERROR(n)		(0x8000000000000000ULL | (n))
#define EFI_LOAD_ERROR		EFI_ERROR(1)
#define EFI_UNSUPPORTED		EFI_ERROR(3)
#define EFI_BUFFER_TOO_SMALL	EFI_ERROR(5)

#define EFI_ALLOCATE_MAX_ADDRESS 1
#define EFI_PAGE_SIZE		4096
#define EFI_FILE_MODE_READ	1

enum efi_memory_type {
	EFI_RESERVED, EFI_LOADER_CODE, EFI_LOADER_DATA, EFI_BOOT_CODE, EFI_BOOT_DATA,
	EFI_RUNTIME_CODE, EFI_RUNTIME_DATA, EFI_CONVENTIONAL, EFI_UNUSABLE, EFI_ACPI_RECLAIM,
	EFI_ACPI_NVS, EFI_MMIO, EFI_MMIO_PORT, EFI_PAL_CODE, EFI_PERSISTENT,
};

struct efi_guid {
	u32 a;
	u16 b, c;
	u8 d[8];
};

struct efi_table_header {
	u64 signature;
	u32 revision, size, crc, reserved;
};

struct efi_memory_desc {
	u32 type;
	u64 physical_start;
	u64 virtual_start;
	u64 pages;
	u64 attribute;
};

struct efi_text_output {
	void *reset;
	efi_status_t (EFIAPI *output_string)(struct efi_text_output *self, const u16 *s);
};

struct efi_boot_services {
	struct efi_table_header hdr;
	void *raise_tpl, *restore_tpl;
	efi_status_t (EFIAPI *allocate_pages)(u32 how, u32 type, u64 pages, u64 *addr);
	efi_status_t (EFIAPI *free_pages)(u64 addr, u64 pages);
	efi_status_t (EFIAPI *get_memory_map)(u64 *size, void *map, u64 *key, u64 *desc_size,
					      u32 *version);
	void *allocate_pool, *free_pool;
	void *create_event, *set_timer, *wait_for_event, *signal_event, *close_event, *check_event;
	void *install_protocol, *reinstall_protocol, *uninstall_protocol;
	efi_status_t (EFIAPI *handle_protocol)(efi_handle_t h, const struct efi_guid *guid,
					       void **iface);
	void *reserved, *register_notify, *locate_handle;
	efi_status_t (EFIAPI *locate_device_path)(const struct efi_guid *guid, void **path,
						  efi_handle_t *h);
	void *install_config_table;
	void *load_image, *start_image, *exit, *unload_image;
	efi_status_t (EFIAPI *exit_boot_services)(efi_handle_t image, u64 key);
	void *get_monotonic_count, *stall, *set_watchdog;
	void *connect, *disconnect, *open_protocol, *close_protocol, *open_info;
	void *protocols_per_handle, *locate_handle_buffer;
	efi_status_t (EFIAPI *locate_protocol)(const struct efi_guid *guid, void *reg,
					       void **iface);
};

struct efi_config_table {
	struct efi_guid guid;
	void *table;
};

struct efi_system_table {
	struct efi_table_header hdr;
	u16 *vendor;
	u32 firmware_revision;
	efi_handle_t con_in_handle;
	void *con_in;
	efi_handle_t con_out_handle;
	struct efi_text_output *con_out;
	efi_handle_t stderr_handle;
	struct efi_text_output *stderr;
	void *runtime;
	struct efi_boot_services *boot;
	u64 nr_tables;
	struct efi_config_table *tables;
};

struct efi_loaded_image {
	u32 revision;
	efi_handle_t parent;
	struct efi_system_table *st;
	efi_handle_t device;
	void *file_path;
	void *reserved;
	u32 load_options_size;
	u16 *load_options;
	void *image_base;
	u64 image_size;
};

struct efi_load_file {
	efi_status_t (EFIAPI *load)(struct efi_load_file *self, void *path, bool boot_policy,
				    u64 *size, void *buf);
};

struct efi_file {
	u64 revision;
	efi_status_t (EFIAPI *open)(struct efi_file *self, struct efi_file **file, const u16 *name,
				    u64 mode, u64 attributes);
	efi_status_t (EFIAPI *close)(struct efi_file *self);
	void *delete;
	efi_status_t (EFIAPI *read)(struct efi_file *self, u64 *size, void *buf);
	void *write;
	efi_status_t (EFIAPI *get_position)(struct efi_file *self, u64 *pos);
	efi_status_t (EFIAPI *set_position)(struct efi_file *self, u64 pos);
};

struct efi_simple_fs {
	u64 revision;
	efi_status_t (EFIAPI *open_volume)(struct efi_simple_fs *self, struct efi_file **root);
};

enum efi_pixel_format { EFI_PIXEL_RGBX, EFI_PIXEL_BGRX, EFI_PIXEL_MASK, EFI_PIXEL_BLT_ONLY };

struct efi_gop_info {
	u32 version;
	u32 width, height;
	u32 format;
	u32 masks[4];
	u32 pixels_per_line;
};

struct efi_gop_mode {
	u32 max_mode, mode;
	struct efi_gop_info *info;
	u64 info_size;
	u64 fb_base;
	u64 fb_size;
};

struct efi_gop {
	void *query_mode, *set_mode, *blt;
	struct efi_gop_mode *mode;
};

#define EFI_LOADED_IMAGE_GUID \
	{ 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_LOAD_FILE2_GUID \
	{ 0x4006c0c1, 0xfcb3, 0x403e, { 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d } }
#define EFI_SIMPLE_FS_GUID \
	{ 0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_GOP_GUID \
	{ 0x9042a9de, 0x23dc, 0x4a38, { 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a } }
#define EFI_ACPI2_TABLE_GUID \
	{ 0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 } }
#define EFI_ACPI1_TABLE_GUID \
	{ 0xeb9d2d30, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } }
/* The vendor media device path under which loaders offer an initrd (Linux's convention). */
#define LINUX_INITRD_MEDIA_GUID \
	{ 0x5568e427, 0x68fc, 0x4f3d, { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } }

#endif /* _HVM_BOOT_EFI_H */
