# SPDX-License-Identifier: GPL-2.0-only
#
# From objects to kernel.elf, and what a platform packs it into.

linker-script := guest-kernel/platform/x86/kernel.lds

quiet_cmd_lds = LDS     $@
      cmd_lds = $(CC) -E -P -x assembler-with-cpp $(dep-flags) $(KBUILD_CPPFLAGS) -D__ASSEMBLY__ -DLINKER_SCRIPT -o $@ $<
$(linker-script): $(src)guest-kernel/platform/x86/kernel.lds.S FORCE
	$(call if_changed,lds)
$(linker-script): | $(generated-headers)

# link-kernel links until the symbol table inside the image is true.
quiet_cmd_link = LD      $@
      cmd_link = CC='$(CC)' LD='$(LD)' NM='$(NM)' READELF='$(READELF)' AFLAGS='$(KBUILD_AFLAGS)' \
	$(src)scripts/kbuild/link-kernel $(if $(CONFIG_KALLSYMS),--kallsyms) --output $@ --script $(linker-script) \
	-- $(KBUILD_LDFLAGS) $(filter %.o,$^)
kernel.elf: $(objects) $(linker-script) $(src)scripts/kbuild/link-kernel $(src)scripts/kbuild/gen-kallsyms FORCE
	$(call if_changed,link)

all: kernel.elf

# What a platform packs kernel.elf into (kernel.efi, ISO and disk images).
ifeq ($(CONFIG_PLATFORM_HVM),y)
include $(src)hvm-boot/images.mk
else
iso disk:
	@echo >&2 "*** 'make $@' packs an HVM image: configure with hvm_defconfig"; false
endif

quiet_cmd_objdump = OBJDUMP $@
      cmd_objdump = $(CROSS_COMPILE)objdump -d -S --no-show-raw-insn $< > $@
.PHONY: size objdump kernel.s
size: kernel.elf
	$(Q)$(CROSS_COMPILE)size -A -x $<
objdump: kernel.dis
kernel.dis: kernel.elf
	$(call cmd,objdump)

quiet_cmd_compdb = GEN     $@
      cmd_compdb = $(PYTHON3) $(src)scripts/kbuild/gen-compile-commands $(objects) > $@
compile_commands.json: $(objects) FORCE
	$(call cmd,compdb)

-include $(foreach t,$(objects) $(generated-headers) \
	$(linker-script) kernel.elf $(image-files),$(call dot-file,$t).cmd)
-include $(foreach o,$(objects) $(linker-script),$(call dot-file,$o).d)
.SECONDARY: $(objects)
