# SPDX-License-Identifier: GPL-2.0-only
#
# Targets that need no configuration: cleaning, help, checks, indexes, and the
# doors to the other parts of the tree.

generated-names := -name '*.o' -o -name '.*.cmd' -o -name '.*.d' -o -name '*.i' -o -name '*.s' -o -name 'kernel.lds' -o -name setup.bin
build-folders := $(wildcard guest-kernel hvm-boot include/generated)

.PHONY: clean mrproper distclean help style tags cscope syscalls-doc check pvrun host-series
clean:
	$(Q)$(if $(build-folders),find $(build-folders) -type f \( $(generated-names) \) -delete)
	$(Q)rm -f include/generated/syscall*.h include/generated/version.h
	$(Q)rm -f kernel.elf kernel.efi kernel.bin kernel.iso disk.img kernel.dis .disk.img.cmd .kernel.* compile_commands.json tags cscope.out
mrproper distclean: clean
	$(Q)rm -rf include/config include/generated $(KCONFIG_CONFIG) $(KCONFIG_CONFIG).old defconfig

check:
	$(Q)$(srctree)/scripts/check
check-%:
	$(Q)$(srctree)/scripts/check $*
style:
	$(Q)$(srctree)/scripts/check style

source-files = $(shell cd $(srctree) && git ls-files '*.[chS]')
tags:
	$(Q)cd $(srctree) && ctags -o $(CURDIR)/tags $(source-files)
cscope:
	$(Q)cd $(srctree) && cscope -b -q -f $(CURDIR)/cscope.out $(source-files)

# The page of system calls is kept in the repository; a test compares.
syscalls-doc:
	$(Q)/usr/bin/python3 $(srctree)/scripts/gen-syscalls --doc $(srctree)/guest-kernel/entry/syscall.tbl \
		> $(srctree)/Documentation/syscalls.md

pvrun:
	$(Q)$(MAKE) -C $(srctree)/vmm O=$(CURDIR)/vmm
host-series:
	$(Q)$(srctree)/scripts/host series

describe = printf '  %-20s - %s\n' '$(notdir $1)' "$$(sed -n '1s/^\# *//p' $1)";
help:
	@echo 'Configuration:'
	@$(foreach c,$(sort $(wildcard $(src)configs/*_defconfig)),$(call describe,$c))
	@echo '  menuconfig, nconfig  - choose in a menu'
	@echo '  oldconfig            - ask about new options (olddefconfig: take their defaults)'
	@echo '  savedefconfig        - write ./defconfig, the shortest file that gives .config'
	@echo '  allnoconfig, allyesconfig, alldefconfig, randconfig, listnewconfig'
	@echo 'Fragments, laid over a configuration (make hvm_defconfig debug.config):'
	@$(foreach c,$(sort $(wildcard $(src)configs/*.config)),$(call describe,$c))
	@echo 'Build:'
	@echo '  all                  - kernel.elf, and on HVM kernel.efi'
	@echo '  iso, disk            - bootable CD and disk image (HVM)'
	@echo '  objects, FOLDER/     - compile only; FILE.o, FILE.i and FILE.s make one file'
	@echo '  pvrun                - the launcher of PV guests'
	@echo '  host-series          - the host patches as a series for git am'
	@echo '  size, objdump        - sections and disassembly of kernel.elf'
	@echo '  compile_commands.json, tags, cscope'
	@echo '  syscalls-doc         - write Documentation/syscalls.md from the system-call table'
	@echo '  clean, mrproper      - remove what was built; and the configuration too'
	@echo 'Checks:'
	@echo '  check, check-LEVEL   - scripts/check; style is one of its levels'
	@echo 'Variables:'
	@echo '  O=DIR  V=0|1|2  C=1|2 (sparse)  LLVM=1  CC=  CROSS_COMPILE=  KCFLAGS=  KCONFIG_IMPL=py'
