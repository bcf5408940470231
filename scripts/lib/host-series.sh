# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# host-patches as a series of mails, for people who carry or send patches, and the
# checks such a series must pass. In host-patches, edits of Linux's files are diffs and
# new files are files; a patch claims its new files by "New-file: PATH" lines below its
# message. To be sourced by scripts/host, after host-build.sh.

# Paths that a patch claims as its new files.
patch_claims() {
	sed -n '/^---$/q; s/^New-file: //p' "$1"
}

# All new files there are, by their path in Linux.
series_new_files() {
	{
		[[ ! -d $patches/files ]] || (cd "$patches/files" && find . -type f -printf '%P\n')
		series_imports | sed 's/^[^ ]* *//'
	} | sort
}

# Every new file must be claimed by exactly one patch.
series_check_claims() {
	local patch
	series_patches | while read -r patch; do patch_claims "$patches/$patch"; done | sort >"$1/claims"
	series_new_files >"$1/files"
	uniq -d "$1/claims" | sed 's/^/claimed twice: /' >"$1/wrong"
	comm -13 "$1/claims" "$1/files" | sed 's/^/claimed by no patch: /' >>"$1/wrong"
	comm -23 <(uniq "$1/claims") "$1/files" | sed 's/^/claimed but not there: /' >>"$1/wrong"
	[[ ! -s $1/wrong ]] || { cat "$1/wrong"; return 1; }
}

# Puts one new file where it belongs in the repository $1.
series_copy() {
	local repo=$1 file=$2 from=$patches/files/$2 source path
	while read -r source path; do
		[[ $path != "$file" ]] || from=$top/$source
	done < <(series_imports)
	mkdir -p "$repo/$(dirname "$file")"
	cp "$from" "$repo/$file"
}

# A field of the header that git mailinfo made of a mail.
mail_field() {
	sed -n "s/^$2: //p" "$1/info"
}

# Commits one patch to the repository $1.
series_commit() {
	local repo=$1 patch=$patches/$2 parts=$1/.git/parts file
	mkdir -p "$parts"
	git -C "$repo" mailinfo "$parts/body" "$parts/diff" <"$patch" >"$parts/info"
	if grep -q '^--- [ab/]' "$patch"; then
		git -C "$repo" apply --index "$patch" || { echo "$patch does not apply"; return 1; }
	fi
	while read -r file; do
		series_copy "$repo" "$file" && git -C "$repo" add -f "$file"
	done < <(patch_claims "$patch")
	{ mail_field "$parts" Subject; echo; sed '/^New-file: /d' "$parts/body"; } >"$parts/message"
	GIT_COMMITTER_DATE=$(mail_field "$parts" Date) git -C "$repo" commit -q -F "$parts/message" \
		--author="$(mail_field "$parts" Author) <$(mail_field "$parts" Email)>" \
		--date="$(mail_field "$parts" Date)"
}

# Makes a repository of just the files that the series edits: enough for git.
series_repository() {
	local repo=$1 patch file
	git init -q "$repo"
	git -C "$repo" config user.name Twinix
	git -C "$repo" config user.email maintainers@localhost
	git -C "$repo" config core.autocrlf false
	while read -r patch; do
		while read -r file; do
			[[ -e $pristine/$file && ! -e $repo/$file ]] || continue
			mkdir -p "$repo/$(dirname "$file")"
			cp -p "$pristine/$file" "$repo/$file"
		done < <(patch_targets "$patches/$patch")
	done < <(series_patches)
	git -C "$repo" add -f .
	git -C "$repo" commit -q --allow-empty -m "Linux $version"
	git -C "$repo" tag base
}

# The cover letter: its first line is the subject.
series_cover() {
	local cover=$1/0000-cover-letter.patch text=$patches/cover-letter.md
	[[ -r $text ]] || return 0
	awk -v text="$text" '
		/\*\*\* SUBJECT HERE \*\*\*/ {
			getline subject < text
			sub(/^# */, "", subject)
			sub(/\*\*\* SUBJECT HERE \*\*\*/, subject)
		}
		/\*\*\* BLURB HERE \*\*\*/ {
			first = 1
			while ((getline line < text) > 0)
				if (!(first && line == "") && line !~ /^<!--.*-->$/) { first = 0; print line }
			next
		}
		{ print }' "$cover" >"$cover.new"
	mv "$cover.new" "$cover"
}

series_write() {
	local out=$1 work
	work=$(mktemp -d "$cache/series.XXXXXX")
	series_check_claims "$work" || return 1
	series_repository "$work/linux"
	local patch
	while read -r patch; do
		series_commit "$work/linux" "$patch" || return 1
	done < <(series_patches)
	rm -rf "$out"
	mkdir -p "$out"
	git -C "$work/linux" -c diff.renames=true format-patch -q --zero-commit --no-signature --full-index \
		--subject-prefix='PATCH 6.12' --cover-letter -o "$out" base
	series_cover "$out"
	# All in one: for git am, and for trees without git (to apply and to take back).
	git -C "$work/linux" format-patch -q --zero-commit --no-signature --full-index --stdout \
		--subject-prefix='PATCH 6.12' base >"$out/pvhost.mbox"
	git -C "$work/linux" diff base HEAD >"$out/pvhost.diff"
	rm -rf "$work"
}

# Writes the series, one mail a patch and a cover letter, into the folder $1.
series_make() {
	need_packages git patch
	mkdir -p "$cache"
	source_fetch
	work "writing the series" series_write "$1"
}

# ------------------------------------------------------------- checks

# Point releases to test on: those of BASE that apt has, else the two it has.
series_releases() {
	local package tested=''
	package=$(source_package)
	# shellcheck source=/dev/null
	[[ ! -r $patches/BASE ]] || tested=$(. "$patches/BASE" && echo "${tested-}")
	apt-cache madison "$package" | awk '{ print $3 }' | sort -u -V >"$cache/releases"
	# shellcheck disable=SC2086 # words
	{
		printf '%s\n' $tested | grep -Fxf "$cache/releases"
		tail -n 1 "$cache/releases"
		head -n 1 "$cache/releases"
	} | awk '!seen[$0]++' | head -n 2
}

# A git repository of the whole release, as somebody has who tracks Linux.
release_repository() {
	local repo=$1
	rm -rf "$repo"
	mkdir -p "${repo%/*}"
	cp -al "$pristine" "$repo"
	git -C "$repo" init -q
	git -C "$repo" config gc.auto 0
	git -C "$repo" config user.name Twinix
	git -C "$repo" config user.email maintainers@localhost
	git -C "$repo" -c core.compression=1 add -A -f .
	git -C "$repo" commit -q -m "Linux $version"
	git -C "$repo" tag base
}

release_checkout() {
	git -C "$1" am --abort 2>/dev/null || true
	git -C "$1" checkout -q -f -B check base
	git -C "$1" clean -q -f -d
}

# What make has to build to see that the last commit of $1 compiles: the folders of the
# C files that it touches, or that include what it touches.
commit_targets() {
	local repo=$1 file
	git -C "$repo" diff --name-only HEAD^ | while read -r file; do
		case $file in
		include/linux/* | include/uapi/* | kernel/entry/*) echo kernel/entry/ ;;
		arch/x86/include/*)
			printf '%s\n' arch/x86/entry/ arch/x86/kernel/traps.o arch/x86/mm/fault.o kernel/entry/
			;;
		arch/x86/kernel/fpu/*) echo arch/x86/kernel/fpu/ ;;
		drivers/virt/pvhost/*) echo drivers/virt/pvhost/ ;;
		drivers/virt/*) echo drivers/virt/ ;;
		*.c) echo "${file%.c}.o" ;;
		esac
	done | sort -u
}

# Builds what the last commit of $linux touches. Nothing but the commit changes, so
# anything the compiler says is about it.
commit_build() {
	local targets
	mapfile -t targets < <(commit_targets "$linux")
	if git -C "$linux" diff --name-only HEAD^ | grep -q Kconfig; then config_make_loose; fi
	((${#targets[@]} == 0)) || host_make -j"$(nproc)" "${targets[@]}"
}

number=0 failed=0

# result STATUS NAME LOG: one line of KTAP.
result() {
	number=$((number + 1))
	if [[ $1 -eq 0 ]]; then
		echo "ok $number $2"
	else
		tail -n 40 "$3" | sed 's/^/# /'
		echo "not ok $number $2"
		failed=1
	fi
}

# try NAME COMMAND...: one test.
try() {
	local name=$1 status=0 log=$cache/check.log
	shift
	"$@" >"$log" 2>&1 </dev/null || status=$?
	result "$status" "$name" "$log"
}

# Runs a command whose only good output is none.
silent() {
	local output
	output=$("$@" 2>&1) || { echo "$output"; return 1; }
	[[ -z $output ]] || { echo "$output"; return 1; }
}

check_release() {
	local repo=$cache/git/${version//\~/-} mail name
	[[ -d $repo/.git ]] || work "importing Linux $version into git" release_repository "$repo"
	release_checkout "$repo"
	linux=$repo objects=$cache/objects/${version//\~/-}/series
	mkdir -p "$objects"
	config_merged >"$objects/request.config"
	work "configuring Linux $version" config_make_loose
	for mail in "${mails[@]}"; do
		name="$version: $(basename "$mail")"
		try "$name: git am" git -C "$repo" am -q "$mail"
		[[ -n $quick ]] || try "$name: builds" silent commit_build
	done
}

# The options of the series are not there before its last patch: no complaints here.
config_make_loose() {
	grep -v '=n$' "$objects/request.config" >"$objects/allnoconfig.config"
	host_make KCONFIG_ALLCONFIG="$objects/allnoconfig.config" allnoconfig
}

# checkpatch on one mail, without what host-patches/checkpatch.allow excuses. A patch that
# adds files need not be the one that adds them to MAINTAINERS.
check_patch() {
	# checkpatch calls python3, which has to be Debian's for its modules.
	env -C "$linux" PATH="/usr/bin:$PATH" scripts/checkpatch.pl --strict --terse --showfile -q \
		--ignore FILE_PATH_CHANGES "$1" >"$cache/checkpatch.log" 2>&1 || true
	! grep -v '^total:' "$cache/checkpatch.log" |
		grep -vE -f <(grep -v '^#' "$patches/checkpatch.allow")
}

# What the text of the series has to pass, all of it being applied.
check_text() {
	local mail
	for mail in "${mails[@]}"; do
		try "checkpatch: $(basename "$mail")" check_patch "$mail"
	done
	# shellcheck disable=SC2046 # file names of ours
	try "kernel-doc" silent env -C "$linux" scripts/kernel-doc -none -Werror \
		$(series_new_files | grep '\.[ch]$' | grep -v selftests)
}

# What its code has to pass, on the last release.
check_code() {
	try "sparse" silent host_make C=2 CF=-D__CHECK_ENDIAN__ drivers/virt/pvhost/
	touch "$linux"/drivers/virt/pvhost/*.c
	try "W=1" silent host_make -j"$(nproc)" W=1 drivers/virt/pvhost/
	try "links" host_make -j"$(nproc)" vmlinux
	try "CONFIG_PVHOST=n" build_without arch/x86/entry/ arch/x86/kernel/traps.o arch/x86/mm/fault.o \
		kernel/entry/ drivers/virt/
}

# build_without TARGET...: the targets must also build with the series switched off.
build_without() {
	"$linux/scripts/config" --file "$objects/.config" -d PVHOST
	host_make olddefconfig
	host_make -j"$(nproc)" "$@"
}

# Checks the series on each release of $releases, or two of those that apt offers.
series_check() {
	local one releases
	need_packages git patch sparse python3-ply python3-git
	need_for_host_kernel
	series_make "$cache/series"
	mapfile -t mails < <(printf '%s\n' "$cache"/series/*.patch | grep -v /0000-)
	mapfile -t releases < <(if [[ -n $release ]]; then echo "$release"; else series_releases; fi)
	echo "KTAP version 1"
	for one in "${releases[@]}"; do
		source_select "$one"
		source_fetch
		check_release
	done
	check_text
	[[ -n $quick ]] || check_code
	return "$failed"
}
