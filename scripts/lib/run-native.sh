# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034	# scripts/run sets the options and reads the result
#
# scripts/run native: no guest at all, but the same user land as processes of the
# host that "pv" uses: what a guest's output and speed are compared with. Sourced
# by scripts/run.

prepare_native() {
	local most
	most=$(sed -n 's/^CONFIG_NR_CPUS=//p' "$top/host-patches/configs/small.config")
	((cpus <= most)) || usage_error "--cpus: the host has at most $most CPUs"
	need_for_building
	need_packages cpio
	build_userland
	in_host=1
	framed=
	# An iret in ring 3, which a test tries, faults in QEMU 7.2 if the CPU has SMAP.
	host_cpu=max,-smap
	host_mem=$(($(mebibytes "$mem") + 512))
}

# Sets the array machine_command.
machine_native() {
	machine_command=("$here/lib/native-root" "$initramfs")
}
