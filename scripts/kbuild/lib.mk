# SPDX-License-Identifier: GPL-2.0-only
#
# How a command is run and shown. A target whose rule says
# "$(call if_changed,NAME)" is made again when a prerequisite is newer or when
# the text of cmd_NAME differs from the one that made it, which is kept in
# .TARGET.cmd beside it. Such a rule lists FORCE among its prerequisites.

# V=1 shows whole commands, V=2 the reason for each; -s shows nothing.
ifeq ("$(origin V)","command line")
KBUILD_VERBOSE := $(V)
endif
KBUILD_VERBOSE ?= 0
export KBUILD_VERBOSE

quiet := quiet_
ifneq ($(findstring 1,$(KBUILD_VERBOSE)),)
quiet :=
endif
ifneq ($(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
quiet := silent_
endif
Q := $(if $(quiet),@)

empty :=
space := $(empty) $(empty)
squote := '
pound := \#
escape-quote = $(subst $(squote),'\$(squote)',$1)
dot-file = $(dir $1).$(notdir $1)

show = $(if $($(quiet)cmd_$1),echo '  $(call escape-quote,$($(quiet)cmd_$1))';)
cmd = @set -e; mkdir -p $(@D); $(show) $(cmd_$1)

newer-prerequisites = $(filter-out FORCE,$?) $(if $(wildcard $@),,no-$@)
one-word = $(subst $(space),_,$(strip $1))
command-differs = $(filter-out $(call one-word,$(savedcmd_$@)),$(call one-word,$(cmd_$1)))
make-safe = $(subst $(pound),$$(pound),$(subst $$,$$$$,$1))
reason = $(strip $(newer-prerequisites) $(if $(command-differs),the-command))

if_changed = $(if $(reason),$(call run-and-save,$1),@:)
define run-and-save
@set -e; mkdir -p $(@D); \
$(if $(filter 2,$(KBUILD_VERBOSE)),echo '  $@: because of $(call escape-quote,$(reason))';) \
$(show) $(if $(pre_$1),$(pre_$1);) $(cmd_$1); \
printf '%s\n' 'savedcmd_$@ := $(call escape-quote,$(call make-safe,$(cmd_$1)))' > $(call dot-file,$@).cmd
endef
