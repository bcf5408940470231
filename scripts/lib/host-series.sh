# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the caller sets what the head comment names
#
# host-patches as a series of mails, for people who carry or send patches. In host-patches,
# edits of Linux's files are diffs and new files are files; a patch claims its new files by
# "New-file: PATH" lines below its message. To be sourced by scripts/host, after host-build.sh.

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
