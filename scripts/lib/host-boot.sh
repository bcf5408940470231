# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# Boots a host kernel under QEMU and runs one command in it. The command's output
# comes through virtio ports of its own, so that it never mixes with the kernel's
# log; its status comes through the shared folder of the job.
# To be sourced by scripts/host, after common.sh and deps.sh. Uses $kernel and the boot_*
# variables that scripts/host sets from its options.

# What must not be in the log of a kernel under test.
log_trouble='WARNING: |BUG: |BUG at |Oops|KASAN|UBSAN|[Kk]ernel panic|INFO: (task|rcu)'
log_trouble+='|possible (circular|recursive)|bad unlock balance|suspicious RCU'
log_trouble+='|general protection|unable to handle'

# What may be there: advice of the processor's mitigations.
log_advice='WARNING: See https://kernel\.org/doc/'

# The lines of trouble in a log, with their numbers; false if there are none.
log_troubled() {
	sed -E "s,.*$log_advice.*,(advice)," "$1" | grep -nE "$log_trouble"
}

# What host-session asked for when the time was nearly over: the stacks of the CPUs and of the
# tasks, without registers and without the kernel's own threads.
log_hanging() {
	sed -n '/^host-session: the time is nearly over/,$p' "$1" |
		awk '/^task:/ { hide = / ppid:2 / } !hide && !/^(R[0-9A-Z]+:|Code:| *<.*TASK>|Call Trace:)/'
}

# The initramfs: busybox and one script.
boot_initrd() {
	local busybox dir
	busybox=$(command -v busybox)
	dir=$job/initrd
	mkdir -p "$dir/bin" "$dir/dev"
	cp "$busybox" "$dir/bin/busybox"
	cp "$top/scripts/lib/host-init" "$dir/init"
	chmod +x "$dir/init"
	(cd "$dir" && find . | cpio -o -H newc --quiet | gzip -1) >"$job/initrd.gz"
	rm -rf "$dir"
}

# Puts into $job/shared what host-session reads.
boot_job() {
	local name shared=$job/shared
	mkdir "$shared"
	cp "$top/scripts/lib/host-session" "$shared/session"
	printf '%s\n' "$boot_command" >"$shared/command"
	printf '%s\n' "${boot_shares[@]}" | sed '/^$/d' >"$shared/shares"
	{
		printf 'export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'
		printf 'export TERM=%q LANG=C.UTF-8 TWINIX_IN_HOST=1\n' "${TERM:-dumb}"
		for name in $(compgen -e | grep -E '^(TWINIX_|PVHOST_)' || true); do
			[[ $name == TWINIX_CACHE ]] || printf 'export %s=%q\n' "$name" "${!name}"
		done
		printf 'cd %q\n' "$PWD"
	} >"$shared/environment"
	[[ -z $boot_stdin ]] || cat >"$shared/stdin"
	[[ -z $boot_timeout ]] || echo "$boot_timeout" >"$shared/timeout"
	[[ -z $boot_tty ]] || { stty size 2>/dev/null | grep -v '^0' || echo 24 80; } >"$shared/tty"
}

# Sets qemu to the command line of the machine. The kernel logs warnings (level 4) and worse.
# It must not test its timer against the clock: on a busy machine QEMU's may be late, and
# Linux panics ("IO-APIC + timer doesn't work!").
boot_machine() {
	local n=0 dir accel="tcg,thread=multi"
	[[ -z $boot_icount ]] || accel="tcg,thread=single"
	qemu=(qemu-system-x86_64 -accel "$accel" -M q35 -cpu "$boot_cpu" -smp "$boot_cpus" -m "$boot_mem"
		-nodefaults -no-user-config -display none -monitor none -no-reboot -nic none
		-kernel "$kernel" -initrd "$job/initrd.gz"
		-append "console=ttyS0 panic=-1 oops=panic tsc=reliable no_timer_check loglevel=5$boot_append"
		-chardev "file,id=log,path=$boot_log" -serial chardev:log
		-virtfs "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap"
		-virtfs "local,path=$job/shared,mount_tag=job,security_model=none"
		-device virtio-serial-pci)
	for dir in "${boot_shares[@]}"; do
		qemu+=(-virtfs "local,path=$dir,mount_tag=share$n,security_model=none")
		n=$((n + 1))
	done
	if [[ -n $boot_tty ]]; then
		qemu+=(-chardev "stdio,id=tty,signal=off" -device "virtconsole,chardev=tty")
	else
		qemu+=(-chardev "file,id=out,path=$job/out" -device "virtserialport,chardev=out,name=stdout"
			-chardev "file,id=err,path=$job/err" -device "virtserialport,chardev=err,name=stderr")
	fi
	[[ -z $boot_icount ]] || qemu+=(-icount "$boot_icount")
	qemu+=("${boot_qemu[@]}")
}

boot_cleanup() {
	[[ -z ${qemu_pid-} ]] || kill "$qemu_pid" 2>/dev/null || true
	[[ -z ${job-} ]] || rm -rf "$job"
}

boot_wait() {
	local status=0
	wait "$qemu_pid" || status=$?
	qemu_pid=
	return "$status"
}

# Passes on output $1 of the job; its first byte is kept, so that it is known whether there was any.
boot_reader() {
	dd bs=1 count=1 of="$job/first.$1" status=none
	cat "$job/first.$1" -
}

# Runs QEMU with the job's output on ours. Returns QEMU's status, 124 on a timeout.
boot_run() {
	local limit=() readers=() status=0
	[[ -z $boot_timeout ]] || limit=(timeout --foreground -k 5 "$boot_timeout")
	if [[ -n $boot_tty ]]; then
		"${limit[@]}" "${qemu[@]}" || status=$?
		return "$status"
	fi
	mkfifo "$job/out" "$job/err"
	boot_reader out <"$job/out" & readers+=($!)
	boot_reader err <"$job/err" >&2 & readers+=($!)
	"${limit[@]}" "${qemu[@]}" </dev/null >"$job/qemu.log" 2>&1 &
	qemu_pid=$!
	boot_wait || status=$?
	# Had QEMU not opened the pipes, the readers would wait for ever.
	: 1<>"$job/out" 1<>"$job/err"
	wait "${readers[@]}" || true
	((status == 0 || status == 124)) || { say "QEMU failed:"; sed 's/^/    /' "$job/qemu.log" >&2; }
	return "$status"
}

# The status of the job: its own, 124 after a timeout, 125 if the kernel died or
# the machine did not start, 126 if the kernel's log was to be clean and is not.
boot_status() {
	local status=$1
	if ((status == 124)); then
		say "timed out after ${boot_timeout}s; the end of the kernel's log:"
		tail -n 20 < <(sed '/^host-session: the time is nearly over/,$d' "$boot_log") >&2
		log_hanging "$boot_log" | head -n 300 >&2
		return 124
	fi
	if [[ ! -s $job/shared/status ]]; then
		say "the host ended without a status; the end of its kernel's log:"
		tail -n 60 "$boot_log" >&2
		return 125
	fi
	if [[ -n $boot_clean ]] && log_troubled "$boot_log" >"$job/trouble"; then
		say "the kernel's log is not clean:"
		head -n 5 "$job/trouble" >&2
		say "what is around the first:"
		tail -n "+$(head -n 1 "$job/trouble" | awk -F: '{ print ($1 > 20 ? $1 - 20 : 1) }')" "$boot_log" |
			head -n 100 >&2
		return 126
	fi
	return "$(<"$job/shared/status")"
}

# QEMU before 8.1 protects a page of code against writes only after it has translated from it.
# If Linux changes an instruction meanwhile, as it does when a static key changes, QEMU may
# keep the int3 that stood there for a moment: an oops that no hardware can have. True if
# that is how the host ended, and nothing of the job has been seen: then it can be repeated.
boot_stale_code() {
	[[ ! -s $job/shared/status ]] && grep -q 'Oops: int3' "$boot_log" || return 1
	if [[ -n $boot_tty ]]; then [[ ! -e $job/shared/started ]]; else [[ ! -s $job/first.out && ! -s $job/first.err ]]; fi
}

# QEMU 7.2 has been seen to die of SIGSEGV while the host calibrated its clock, before a word of
# it. True if a signal ($1 is QEMU's status) has ended it, and the host has not begun the job.
boot_died_early() {
	(($1 > 128)) && [[ ! -e $job/shared/started ]]
}

boot_once_more() {
	say "$1; once more"
	rm -f "$job/out" "$job/err"
	: >"$boot_log"
}

# Boots, runs $boot_command, returns its status.
boot() {
	local status=0
	need_packages qemu-system-x86 seabios busybox-static cpio
	job=$(mktemp -d "${TMPDIR:-/tmp}/twinix-host.XXXXXX")
	trap boot_cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	: "${boot_log:=$job/console}"
	: >"$boot_log"
	boot_initrd
	boot_job
	boot_machine
	boot_run || status=$?
	if boot_died_early "$status"; then
		boot_once_more "QEMU was ended by signal $((status - 128)) before the host ran anything"
		status=0
		boot_run || status=$?
	elif boot_stale_code; then
		boot_once_more "QEMU executed stale code (Oops: int3, a defect of its TCG)"
		status=0
		boot_run || status=$?
	fi
	boot_status "$status"
}
