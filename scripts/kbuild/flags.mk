# SPDX-License-Identifier: GPL-2.0-only
#
# Compilers and their options. The same objects are linked 2 GiB below the top
# of the address space for a PC and in the lower half for the PV platform: all
# code is position independent, with every symbol hidden, so that addresses are
# relative to the instruction and no global offset table is made.

ifneq ($(LLVM),)
CC := clang
LD := ld.lld
else
CC := $(CROSS_COMPILE)gcc
LD := $(CROSS_COMPILE)ld
endif
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
READELF := $(CROSS_COMPILE)readelf
CHECK := sparse
PYTHON3 := /usr/bin/python3

unquote = $(patsubst "%",%,$1)
platform := $(call unquote,$(CONFIG_PLATFORM_NAME))
platform-dir := guest-kernel/platform/$(platform)
is-clang := $(findstring clang,$(shell $(CC) --version | head -n 1))
compiler-headers := $(shell $(CC) -print-file-name=include)

# Debug information and __FILE__ name neither the source nor the build folder.
prefix-maps := $(if $(src),-ffile-prefix-map=$(abs_srctree)/=) -ffile-prefix-map=$(CURDIR)=. \
	$(if $(is-clang),-fdebug-compilation-dir=.)

KBUILD_CPPFLAGS := -nostdinc -isystem $(compiler-headers) \
	-I$(src)guest-kernel/include -I$(src)$(platform-dir)/include -Iinclude -I$(src)pv-abi \
	-include include/generated/autoconf.h -include $(src)guest-kernel/include/kconfig.h \
	-D__TWINIX_KERNEL__

KBUILD_WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
	-Wundef -Wvla -Wwrite-strings -Wimplicit-fallthrough -Wframe-larger-than=2048 \
	-Wno-unused-parameter -Wno-sign-compare

KBUILD_CFLAGS := -std=gnu11 -ffreestanding -fPIE -fvisibility=hidden -mno-red-zone -mgeneral-regs-only \
	-O2 -g -fno-strict-aliasing -fno-common -fno-omit-frame-pointer -fno-delete-null-pointer-checks \
	-fwrapv -fno-asynchronous-unwind-tables -fno-unwind-tables -fcf-protection=none \
	$(KBUILD_WARNINGS) $(prefix-maps)
KBUILD_CFLAGS += $(if $(is-clang),-Wno-gnu-variable-sized-type-not-at-end,-fno-stack-clash-protection)
ifeq ($(CONFIG_STACKPROTECTOR),y)
KBUILD_CFLAGS += -fstack-protector-strong -mstack-protector-guard=global
else
KBUILD_CFLAGS += -fno-stack-protector
endif
ifeq ($(CONFIG_MITIGATIONS),y)
# Indirect branches go through platform/x86/thunk.S, and a switch makes none.
KBUILD_CFLAGS += $(if $(is-clang),-mretpoline -mretpoline-external-thunk,-mindirect-branch=thunk-extern \
	-mindirect-branch-register) -fno-jump-tables
endif
ifeq ($(CONFIG_UBSAN_TRAP),y)
# Not alignment: the head of a list, seen as an entry, need not be aligned as one.
# Not bool: gcc 12 then takes volatile away from loads of one.
KBUILD_CFLAGS += -fsanitize=undefined -fno-sanitize=alignment,bool,enum -fsanitize-undefined-trap-on-error
endif
KBUILD_CFLAGS += $(KCFLAGS)

KBUILD_AFLAGS := -D__ASSEMBLY__ -g $(prefix-maps) -fPIE $(KAFLAGS)
KBUILD_LDFLAGS := -m elf_x86_64 -nostdlib -static --build-id=none -z noexecstack -z norelro -z max-page-size=4096

CHECKFLAGS := -m64 -D__CHECKER__ -Wbitwise -Wno-return-void -Wno-unknown-attribute -Wsparse-error $(CF)
