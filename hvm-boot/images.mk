# SPDX-License-Identifier: GPL-2.0-only
#
# What kernel.elf is packed into for a PC: kernel.efi (an EFI program that is
# also a Linux bzImage), a bootable CD, a bootable disk.

image-files := hvm-boot/setup.o hvm-boot/setup.bin kernel.efi kernel.iso disk.img

quiet_cmd_setup_bin = OBJCOPY $@
      cmd_setup_bin = $(OBJCOPY) -O binary -j .text $< $@
hvm-boot/setup.bin: hvm-boot/setup.o FORCE
	$(call if_changed,setup_bin)

quiet_cmd_efi = EFI     $@
      cmd_efi = $(PYTHON3) $(src)hvm-boot/mkefi.py hvm-boot/setup.bin kernel.elf $@
kernel.efi: hvm-boot/setup.bin kernel.elf $(src)hvm-boot/mkefi.py FORCE
	$(call if_changed,efi)

all: kernel.efi

# make iso INITRD=FILE CMDLINE=STRING: without them a kernel alone.
quiet_cmd_image = IMAGE   $@
      cmd_image = $(src)hvm-boot/mkimage $(image-kind) --kernel kernel.elf $(if $(INITRD),--initrd '$(INITRD)') \
	--cmdline '$(CMDLINE)' $@
kernel.iso: image-kind := iso
disk.img: image-kind := disk
kernel.iso disk.img: kernel.elf $(src)hvm-boot/mkimage $(src)hvm-boot/grub.cfg $(INITRD) FORCE
	$(call if_changed,image)

.PHONY: iso disk
iso: kernel.iso
disk: disk.img
