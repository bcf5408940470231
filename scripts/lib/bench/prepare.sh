#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs and builds what scripts/bench compares. Usage: prepare.sh PACKAGE...; prints
# lines "NAME PATH" for what the parts want copied into the host.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=scripts/lib/common.sh
source "$here/../common.sh"
# shellcheck source=scripts/lib/deps.sh
source "$here/../deps.sh"
# shellcheck source=scripts/lib/build.sh
source "$here/../build.sh"
me=bench

need_for_building
need_for_qemu
need_packages "$@"
build_kernel hvm hvm_defconfig
build_kernel pv pv_defconfig
# shellcheck disable=SC2154	# $build and $top come from common.sh
work "building pvrun" locked "$build/vmm" make -C "$top/vmm" O="$build/vmm"
work "building the benchmark" locked "$build/bench" make -C "$top/tests/bench" O="$build/bench"
echo "hvm $build/hvm/kernel.elf"
echo "pv $build/pv/kernel.elf"
echo "pvrun $build/vmm/pvrun"
echo "mb $build/bench/mb"
