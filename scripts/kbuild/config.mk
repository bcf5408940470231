# SPDX-License-Identifier: GPL-2.0-only
#
# The configuration: .config is what a person chose, include/config/auto.conf
# and include/generated/autoconf.h are what make and the compiler read.
#
# The Kconfig files use the language that both kconfig-frontends and kconfiglib
# (KCONFIG_IMPL=py) understand: no macros, environment by "option env=".

kconfig-files := $(src)Kconfig $(shell find $(srctree)/guest-kernel -name 'Kconfig*' -printf '$(src)guest-kernel/%P\n')

ifeq ($(KCONFIG_IMPL),py)
kconfiglib := KCONFIG_CONFIG_HEADER= /usr/bin/python3 -m
interactive-config = $(kconfiglib) $1 $(srctree)/Kconfig
run-olddefconfig = $(kconfiglib) olddefconfig $(srctree)/Kconfig
run-defconfig = $(kconfiglib) defconfig --kconfig $(srctree)/Kconfig $1
run-savedefconfig = $(kconfiglib) savedefconfig --kconfig $(srctree)/Kconfig --out $1
run-syncconfig = $(kconfiglib) genconfig --header-path include/generated/autoconf.h \
	--config-out include/config/auto.conf $(srctree)/Kconfig
else
interactive-config = $(or $(kconfig-program-$1),kconfig-conf --$1) $(srctree)/Kconfig
kconfig-program-menuconfig := kconfig-mconf
kconfig-program-nconfig := kconfig-nconf
run-olddefconfig = kconfig-conf --olddefconfig $(srctree)/Kconfig
run-defconfig = kconfig-conf --defconfig=$1 $(srctree)/Kconfig
run-savedefconfig = kconfig-conf --savedefconfig=$1 $(srctree)/Kconfig
run-syncconfig = kconfig-conf --silentoldconfig $(srctree)/Kconfig
endif
quietly = $(if $(quiet),$1 >/dev/null,$1)

.PHONY: config menuconfig nconfig oldconfig olddefconfig savedefconfig defconfig randconfig \
	allnoconfig allyesconfig alldefconfig listnewconfig
config: oldconfig
menuconfig nconfig oldconfig listnewconfig:
	$(Q)$(call interactive-config,$@)
olddefconfig:
	$(Q)$(call quietly,$(run-olddefconfig))
allnoconfig allyesconfig alldefconfig randconfig:
	$(Q)$(call quietly,$(call interactive-config,$@))
savedefconfig:
	$(Q)$(call run-savedefconfig,defconfig)
defconfig: hvm_defconfig
%_defconfig: FORCE
	$(Q)test -e $(src)configs/$@ || { echo >&2 "*** no configs/$@ ('make help' lists them)"; exit 1; }
	$(Q)$(call quietly,$(call run-defconfig,$(src)configs/$@))

# A fragment is laid over the present configuration; a line of it that does not
# survive (a mistyped name, an unmet dependency) is an error.
%.config: FORCE
	$(Q)test -e $(KCONFIG_CONFIG) || { echo >&2 "*** $@ is laid over a configuration: choose a defconfig first"; exit 1; }
	$(Q)$(src)scripts/kbuild/merge-config $(KCONFIG_CONFIG) $(src)configs/$@
	$(Q)$(call quietly,$(run-olddefconfig) 2>&1)
	$(Q)$(src)scripts/kbuild/merge-config --check $(KCONFIG_CONFIG) $(src)configs/$@

include/config/auto.conf: $(KCONFIG_CONFIG) $(kconfig-files)
	@mkdir -p include/config include/generated
	$(Q)$(call quietly,$(run-olddefconfig)) && $(call quietly,$(run-syncconfig)) && touch $@

$(KCONFIG_CONFIG):
	@echo >&2 "*** No configuration: run 'make hvm_defconfig' or 'make pv_defconfig' first ('make help' tells more)."; false
