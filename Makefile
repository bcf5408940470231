# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the kernel with the manners of Linux's kbuild: one make process reads
# the Kbuild files of all folders, so that every dependency is known at once.
# "make help" lists what there is to build.

MAKEFLAGS += -rR --no-print-directory
unexport GREP_OPTIONS
export LC_ALL := C

# $(call usable,WHAT,FOLDER): stops here if make would take FOLDER's name for several names
# (a blank), for the end of a rule's targets (a colon), or a shell for the end of a string.
usable = $(if $(or $(word 2,$(2)),$(findstring :,$(2)),$(findstring ',$(2))),$(error the \
	$(1)'s name must not contain a blank, a colon or a quote: $(strip $(2))))

$(call usable,source folder,$(MAKEFILE_LIST))
this-makefile := $(lastword $(MAKEFILE_LIST))
abs_srctree := $(realpath $(dir $(this-makefile)))
$(call usable,source folder,$(abs_srctree))
VERSION := $(file < $(abs_srctree)/VERSION)

ifeq ("$(origin O)","command line")
KBUILD_OUTPUT := $(O)
endif
$(call usable,output folder,$(KBUILD_OUTPUT))
ifneq ($(KBUILD_OUTPUT),)
abs_objtree := $(shell mkdir -p '$(KBUILD_OUTPUT)' && cd '$(KBUILD_OUTPUT)' && pwd -P)
$(if $(abs_objtree),,$(error cannot create the output folder $(KBUILD_OUTPUT)))
else
abs_objtree := $(CURDIR)
endif
$(call usable,output folder,$(abs_objtree))

# Targets that read or write the configuration, and those that do not need one.
config-goals := config menuconfig nconfig oldconfig olddefconfig savedefconfig randconfig \
		allnoconfig allyesconfig alldefconfig listnewconfig defconfig %_defconfig %.config
no-config-goals := help clean mrproper distclean style tags cscope syscalls-doc check check-% pvrun host-series
goals := $(or $(MAKECMDGOALS),all)
given-config-goals := $(filter $(config-goals),$(goals))
given-build-goals := $(filter-out $(config-goals),$(goals))

.PHONY: FORCE

ifneq ($(abs_objtree),$(CURDIR))
# Called in one folder, building in another: start again over there.
$(filter-out __elsewhere,$(goals)): __elsewhere ; @:
.PHONY: __elsewhere $(goals)
__elsewhere:
	@printf '%s\n' '# Generated: lets make be called in this folder.' \
		'MAKEFLAGS += --no-print-directory' 'export KBUILD_OUTPUT :=' 'all:' \
		'%:: FORCE ; @$$(MAKE) -f $(abs_srctree)/Makefile $$@' 'all: FORCE ; @$$(MAKE) -f $(abs_srctree)/Makefile' \
		'Makefile: ;' 'FORCE:' > $(abs_objtree)/Makefile
	@$(MAKE) -C $(abs_objtree) -f $(abs_srctree)/Makefile $(MAKECMDGOALS) KBUILD_OUTPUT= O=

else ifneq ($(if $(given-config-goals),$(word 2,$(goals))),)
# "make hvm_defconfig debug.config all": one after the other, since each step
# changes what the next one has to read.
$(goals): __in_order ; @:
.PHONY: __in_order $(goals)
__in_order:
	@set -e; for goal in $(goals); do $(MAKE) -f $(abs_srctree)/Makefile $$goal; done

else
# The prefix of every source file: empty when building inside the source tree.
src := $(if $(filter-out $(CURDIR),$(abs_srctree)),$(abs_srctree)/)
export srctree := $(or $(patsubst %/,%,$(src)),.)
export KCONFIG_CONFIG ?= .config
export TWINIX_VERSION := $(VERSION)

all:

include $(src)scripts/kbuild/lib.mk
include $(src)scripts/kbuild/config.mk
ifneq ($(filter-out $(no-config-goals),$(given-build-goals)),)
include include/config/auto.conf
include $(src)scripts/kbuild/flags.mk
include $(src)scripts/kbuild/objects.mk
include $(src)scripts/kbuild/kernel.mk
endif
include $(src)scripts/kbuild/tools.mk

FORCE:
endif
