# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034	# scripts/run sets the options and reads the result
#
# scripts/run hvm: the kernel on an emulated PC. Sourced by scripts/run, which
# calls the two functions.

prepare_hvm() {
	need_for_building
	need_for_qemu
	[[ $boot != iso && $boot != disk ]] || need_for_images
	[[ $boot != efi ]] || need_for_efi
	build_kernel hvm hvm_defconfig
	build_userland
}

# An image for --boot iso or disk has the command line and the initramfs in it.
hvm_image() {
	"$top/hvm-boot/mkimage" "$boot" --kernel "$build/hvm/kernel.elf" --initrd "$initramfs" --cmdline "$cmdline" \
		"$work_folder/boot.$boot"
}

# OVMF remembers its settings in a copy of its variables; a kept copy boots sooner.
hvm_efi_variables() {
	local kept=$build/ovmf-variables.fd
	[[ -e $kept ]] || cp /usr/share/OVMF/OVMF_VARS_4M.fd "$kept"
	cp "$kept" "$work_folder/variables.fd"
	echo "$work_folder/variables.fd"
}

hvm_boot_arguments() {
	case $boot in
	kernel)
		qemu+=(-kernel "$build/hvm/kernel.elf" -initrd "$initramfs" -append "$cmdline")
		;;
	iso)
		hvm_image
		qemu+=(-cdrom "$work_folder/boot.iso")
		;;
	disk)
		hvm_image
		qemu+=(-drive "file=$work_folder/boot.disk,format=raw")
		;;
	bzimage)
		qemu+=(-kernel "$build/hvm/kernel.efi" -initrd "$initramfs" -append "$cmdline")
		;;
	efi)
		qemu+=(-drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"
			-drive "if=pflash,format=raw,file=$(hvm_efi_variables)"
			-kernel "$build/hvm/kernel.efi" -initrd "$initramfs" -append "$cmdline")
		;;
	esac
}

# Sets the array machine_command.
machine_hvm() {
	local -a qemu=(qemu-system-x86_64 -M "$machine" -cpu "${TWINIX_CPU:-max}" -smp "$cpus" -m "$mem"
		-nodefaults -no-user-config -display none -nic none)
	if [[ -n $icount ]]; then
		qemu+=(-accel "tcg,thread=single" -icount "shift=0")
	else
		qemu+=(-accel tcg)
	fi
	hvm_boot_arguments
	if [[ -n $gdb ]]; then
		qemu+=(-gdb "tcp:127.0.0.1:$gdb" -S)
		say "waiting for: gdb $build/hvm/kernel.elf -ex 'target remote 127.0.0.1:$gdb' -ex continue"
	fi
	if [[ -n $command_given ]]; then
		qemu+=(-no-reboot -chardev "stdio,id=console,signal=off" -serial "chardev:console")
	else
		# mux: Ctrl-a x ends QEMU, all other keys reach the guest.
		qemu+=(-chardev "stdio,id=console,mux=on,signal=off" -serial "chardev:console" -mon "chardev=console")
	fi
	machine_command=("${qemu[@]}")
}
