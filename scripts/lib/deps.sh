# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages that a task needs are installed when they are missing. Sourced
# after common.sh.

# Prints what to install so that each of the arguments is there. An argument is a
# package, or COMMAND=PACKAGE where another package may bring the command too.
missing_packages() {
	local want command
	for want in "$@"; do
		command=${want%%=*}
		if [[ $want == *=* ]]; then
			command -v "$command" >/dev/null || echo "${want#*=}"
		else
			dpkg-query -W -f '${db:Status-Status}\n' "$want" 2>/dev/null | grep -qx installed || echo "$want"
		fi
	done
}

as_root() {
	if [[ $(id -u) -eq 0 ]]; then
		"$@"
	else
		sudo "$@"
	fi
}

# Another apt may be at work: one of unattended-upgrades, or of a second script of ours.
install_packages() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y \
		--no-install-recommends "$@"
}

# Package lists may be older than the archive, or not there at all.
update_and_install() {
	install_packages "$@" || { as_root apt-get -o DPkg::Lock::Timeout=600 update && install_packages "$@"; }
}

need_packages() {
	local missing
	# scripts/check keeps what a level depends on.
	[[ -z ${TWINIX_PACKAGES_LOG-} ]] || printf '%s\n' "${@#*=}" >>"$TWINIX_PACKAGES_LOG"
	mapfile -t missing < <(missing_packages "$@")
	[[ ${#missing[@]} -gt 0 ]] || return 0
	command -v apt-get >/dev/null || die "please install: ${missing[*]} (Debian's names)"
	if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
		die "missing packages; as root: apt-get install ${missing[*]}"
	fi
	# sudo has to be able to ask for a password before the output is hidden.
	[[ $(id -u) -eq 0 ]] || sudo -v || die "missing packages; as root: apt-get install ${missing[*]}"
	work "installing ${missing[*]}" update_and_install "${missing[@]}"
}

need_for_building() {
	need_packages gcc make binutils libc6-dev python3 kconfig-conf=kconfig-frontends-nox musl-gcc=musl-tools
}

need_for_qemu() {
	need_packages qemu-system-x86 seabios
}

need_for_images() {
	need_packages grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools
}

need_for_efi() {
	need_packages ovmf
}
