# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034	# scripts/run sets the options and reads the result
#
# scripts/run pv: the kernel as a guest of a Linux with the pvhost patches: of this
# machine's, or of one under QEMU. Sourced by scripts/run.

prepare_pv() {
	need_for_building
	build_kernel pv pv_defconfig
	build_userland
	work "building pvrun" locked "$build/vmm" make -C "$top/vmm" O="$build/vmm"
	console=hvc0
	if [[ ! -e /dev/pvhost ]]; then
		in_host=1
		host_mem=$(($(mebibytes "$mem") + 512))
	elif [[ -n $icount ]]; then
		usage_error "--icount: this machine's kernel would run the guest, and nobody counts"
	fi
}

# Sets the array machine_command.
machine_pv() {
	machine_command=("$build/vmm/pvrun" -kernel "$build/pv/kernel.elf" -initrd "$initramfs" -append "$cmdline"
		-m "$mem" -smp "$cpus")
	[[ -z $command_given ]] || machine_command+=(-no-reboot)
}
