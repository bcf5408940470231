# SPDX-License-Identifier: GPL-2.0-only
"""userland/mkinitramfs: cpio(1) reads what it writes, twice the same."""
import gzip
import os
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def parts(tmp_path):
    """A stand-in for BusyBox that lists two applets, and one for init."""
    busybox, init = tmp_path / 'busybox', tmp_path / 'init'
    busybox.write_text('#!/bin/sh\nprintf "bin/busybox\\nbin/sh\\nusr/bin/awk\\n"\n')
    busybox.chmod(0o755)
    init.write_text('init')
    return ['--busybox', str(busybox), '--init', str(init)]


def pack(parts, output, *options):
    return subprocess.run([TOP / 'userland/mkinitramfs', *parts, *options, output], capture_output=True, text=True)


def listing(archive):
    """Name -> [mode, links, owner, group, size...]; a link's target is the last field."""
    made = subprocess.run(['cpio', '-tvn'], input=gzip.decompress(archive.read_bytes()), capture_output=True, check=True)
    found = {}
    for line in made.stdout.decode().splitlines():
        left, _, target = line.partition(' -> ')
        fields = left.split()
        found[fields[-1]] = fields[:-1] + [target]
    return found


def test_links_modes_devices_and_owners(parts, tmp_path):
    assert pack(parts, tmp_path / 'a').returncode == 0
    found = listing(tmp_path / 'a')
    assert found['bin/sh'][0] == 'lrwxrwxrwx' and found['bin/sh'][-1] == '/bin/busybox'
    assert found['init'][0] == '-rwxr-xr-x'
    assert found['tmp'][0] == 'drwxrwxrwt'
    assert found['dev/console'][0] == 'crw-------'
    assert all(fields[2:4] == ['0', '0'] for fields in found.values())


def test_the_same_input_gives_the_same_bytes(parts, tmp_path):
    files = tmp_path / 'files'
    files.mkdir()
    (files / 'x').write_text('x')
    pack(parts, tmp_path / 'a', '--files', files)
    os.utime(files / 'x', (0, 0))
    pack(parts, tmp_path / 'b', '--files', files)
    assert (tmp_path / 'a').read_bytes() == (tmp_path / 'b').read_bytes()


def test_files_are_laid_over_the_root(parts, tmp_path):
    files = tmp_path / 'files'
    (files / 'etc/deep').mkdir(parents=True)
    (files / 'etc/hostname').write_text('other\n')
    (files / 'etc/deep/tool').write_text('#!/bin/sh\n')
    (files / 'etc/deep/tool').chmod(0o755)
    (files / 'link').symlink_to('etc/hostname')
    assert pack(parts, tmp_path / 'a', '--files', files, '--text', 'etc/some/text', 'words').returncode == 0
    found = listing(tmp_path / 'a')
    assert found['etc/deep/tool'][0] == '-rwxr-xr-x'
    assert found['etc/hostname'][4] == '6'
    assert found['link'][-1] == 'etc/hostname'
    assert found['etc/some/text'][4] == '5'
    assert found['etc/some'][0] == 'drwxr-xr-x'


@pytest.mark.parametrize('make', [lambda path: os.mkfifo(path), lambda path: None])
def test_what_cannot_be_packed_is_refused(parts, tmp_path, make):
    files = tmp_path / 'files' / 'x'
    files.parent.mkdir()
    make(files)
    made = pack(parts, tmp_path / 'a', '--files', files.parent if files.exists() else files)
    assert made.returncode != 0 and made.stderr.startswith('mkinitramfs: ')
    assert not (tmp_path / 'a').exists()
