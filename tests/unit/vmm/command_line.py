# SPDX-License-Identifier: GPL-2.0-only
"""The whole pvrun with wrong and hostile arguments: it says what is wrong, once, and ends with 125.

PVRUN is the program; it is built with sanitizers, whose reports are failures, too.
"""
import os
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

PVRUN = os.environ['PVRUN']
MANUAL = pathlib.Path(__file__).resolve().parents[3] / 'vmm' / 'pvrun.1'
LAUNCHER = 125
PHDR = 64       # of the image below: where its program headers are


def elf(**changes):
    """A small right image: text, data, note; `name=value` changes a field of its ELF header."""
    header = {'type': 2, 'machine': 62, 'entry': 0x7ff000200000, 'phoff': PHDR, 'phentsize': 56, 'phnum': 3}
    header.update(changes)
    note = struct.pack('<III8sHHIQQ', 8, 24, 1, b'PVGUEST\0', 1, 0, 0, 0, 0)
    text = bytes(64)
    at = PHDR + 3 * 56
    return b''.join([
        b'\x7fELF\2\1\1' + bytes(9),
        struct.pack('<HHIQQQIHHHHHH', header['type'], header['machine'], 1, header['entry'], header['phoff'], 0, 0,
                    64, header['phentsize'], header['phnum'], 0, 0, 0),
        struct.pack('<IIQQQQQQ', 1, 5, at + len(note), 0x7ff000200000, 0x200000, 64, 64, 4096),
        struct.pack('<IIQQQQQQ', 1, 6, at + len(note), 0x7ff000201000, 0x201000, 64, 0x3000, 4096),
        struct.pack('<IIQQQQQQ', 4, 4, at, 0, 0, len(note), len(note), 4),
        note, text])


def segment(number, field, value):
    """The image with one field of a program header changed: its offset, its format, its value."""
    offsets = {'type': (0, '<I'), 'offset': (8, '<Q'), 'vaddr': (16, '<Q'), 'paddr': (24, '<Q'),
               'filesz': (32, '<Q'), 'memsz': (40, '<Q')}
    image = bytearray(elf())
    offset, form = offsets[field]
    struct.pack_into(form, image, PHDR + number * 56 + offset, value)
    return bytes(image)


@pytest.fixture(name='image')
def image_fixture(tmp_path):
    path = tmp_path / 'image'
    path.write_bytes(elf())
    return str(path)


def run(*args, program=PVRUN, **more):
    return subprocess.run([program, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False, **more)


def refused(done, reason):
    assert done.returncode == LAUNCHER, done
    assert done.stdout == '' and reason in done.stderr, done
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith('pvrun: '), done


def test_a_right_image_is_taken(image):
    """The test's own image is right, so what is refused below is refused for its one fault."""
    done = run('--dry-run', '-m', '8', '-smp', '2', '-append', 'a b', image)
    assert done.returncode == 0 and done.stderr == ''
    assert '2 vCPUs, 1 device, command line "a b"' in done.stdout


@pytest.mark.parametrize('args, reason', [
    (['-m', '0'], 'from 4M to 256G'), (['-m', '1K'], 'from 4M to 256G'), (['-m', '3M'], 'from 4M to 256G'),
    (['-m', '257G'], 'from 4M to 256G'), (['-m', '99999999G'], '-m 99999999G'), (['-m', '18446744073709551615'], 'want a size'),
    (['-m', '-5'], 'want a size'), (['-m', ''], 'want a size'), (['-m', '12Q'], 'want a size'),
    (['-smp', '0'], '1 to 64'), (['-smp', '1000'], '1 to 64'), (['-smp', 'two'], '1 to 64'),
    (['-smp', '-1'], '1 to 64'), (['-smp', '99999999999999999999'], '1 to 64'),
    (['-serial', 'tcp::1'], 'want stdio'), (['-serial', 'file:'], 'want stdio'),
    (['-drive', 'file=/nowhere'], 'No such file'), (['-drive', '/'], 'drive /: '),
    (['-drive', '/dev/null'], 'neither a regular file nor a block device'),
    (['-drive', 'file=a,format=qcow2'], 'cannot honour "format=qcow2"'),
    (['-initrd', '/nowhere'], 'initrd /nowhere: No such file'), (['-initrd', '/'], 'Is a directory'),
    (['-initrd', '/dev/null'], 'not a regular file'), (['-initrd'], 'needs a value'),
    (['-frobnicate'], 'unknown option -frobnicate'), (['-sandbox', 'maybe'], 'want on or off'),
    (['-cpu', 'max'], 'want host'), (['-cpu', 'host,-sse9'], 'no feature "sse9"'), (['-cpu', 'host,avx'], 'only be hidden'),
    (['-grace', '-1'], 'number of seconds'), (['-stats=1'], 'takes no value'), (['another'], 'two kernels'),
])
def test_wrong_option(image, args, reason):
    refused(run('--dry-run', image, *args), reason)


def test_no_image():
    refused(run('--dry-run'), 'no kernel image')


@pytest.mark.parametrize('content, reason', [
    (b'', 'it is empty'), (b'\x7fELF', 'too short'), (b'#!/bin/sh\n' * 20, 'not an ELF file'),
    (elf()[:100], 'program headers beyond the end'), (elf()[:-1], 'beyond the end of the file'),
    (elf(machine=183), 'not for 64-bit x86'), (elf(type=1), 'neither an executable'),
    (elf(phnum=0), 'no program headers'), (elf(phnum=65535), 'program headers beyond'),
    (elf(phoff=2**64 - 8), 'program headers beyond'), (elf(phentsize=1), 'program headers'),
    (elf(entry=0), 'entry point'), (elf(entry=0x7ff000201000), 'entry point'),
    (segment(0, 'memsz', 0), 'entry point'), (segment(0, 'type', 3), 'dynamically linked'),
    (segment(1, 'offset', 2**64 - 1), 'beyond the end of the file'), (segment(1, 'filesz', 2**63), 'larger in the file'),
    (segment(1, 'memsz', 2**64 - 1), 'beyond any memory'), (segment(1, 'memsz', 1 << 30), 'more with -m'),
    (segment(1, 'paddr', 0x200000), 'overlap'), (segment(1, 'vaddr', 0x7ff000200000), 'overlap'),
    (segment(1, 'vaddr', 0xffffffff80000000), 'outside the addresses'), (segment(1, 'vaddr', 0x1000), 'outside'),
    (segment(1, 'vaddr', 0x7f0000201000), 'where memory is mapped'), (segment(1, 'paddr', 0x201008), 'differ within a page'),
    (segment(2, 'type', 0), 'no PVGUEST note'), (segment(2, 'filesz', 24), 'a note is cut off'),
    (segment(2, 'offset', 2**64 - 4), 'a note lies beyond'),
])
def test_hostile_image(tmp_path, content, reason):
    (tmp_path / 'image').write_bytes(content)
    refused(run('--dry-run', str(tmp_path / 'image')), reason)


def test_image_is_a_folder(tmp_path):
    refused(run('--dry-run', str(tmp_path)), 'Is a directory')


def test_image_is_a_pipe_without_a_writer(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    refused(run('--dry-run', str(tmp_path / 'pipe')), 'not a regular file')


def test_unreadable_files(image, tmp_path):
    """Somebody without rights, where the tests run as root, maybe in a folder that is closed to others."""
    secret = tmp_path / 'secret'
    secret.write_bytes(b'x')
    secret.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        if folder != pathlib.Path('/tmp'):
            folder.chmod(folder.stat().st_mode | 0o011)
    more = {'user': 65534, 'group': 65534} if os.geteuid() == 0 else {}
    os.chmod(image, 0o644)
    more['program'] = shutil.copy(PVRUN, tmp_path)
    refused(run('--dry-run', image, '-initrd', str(secret), **more), 'Permission denied')
    refused(run('--dry-run', image, '-drive', str(secret), **more), 'Permission denied')


def test_large_initrd(image, tmp_path):
    """A file with a hole is as large as it says."""
    with open(tmp_path / 'initrd', 'wb') as file:
        file.truncate(16 << 20)
    refused(run('--dry-run', '-m', '8', '-initrd', str(tmp_path / 'initrd'), image), 'no room for the initrd')


def test_locked_drive(image, tmp_path):
    (tmp_path / 'disk').write_bytes(bytes(4096))
    first = f'file={tmp_path}/disk'
    refused(run('--dry-run', image, '-drive', first, '-drive', first), 'another guest uses it')
    assert run('--dry-run', image, '-drive', first + ',readonly=on', '-drive', first + ',ro').returncode == 0


@pytest.mark.skipif(os.path.exists('/dev/pvhost'), reason='this host can run guests')
def test_no_patched_host(image):
    """Says which kernel is needed, and how to get it."""
    done = run('-sandbox', 'off', image)    # the sanitizers' threads need more than ours
    assert done.returncode == LAUNCHER and done.stdout == ''
    for words in ('no /dev/pvhost', 'CONFIG_PVHOST', 'Linux 6.12', 'Documentation/host-kernel.md', 'scripts/host shell'):
        assert words in done.stderr


def test_help_and_version():
    done = run('--help')
    assert done.returncode == 0 and done.stderr == ''
    for option in ('-cpu', '-kernel', '-m ', '-smp', '-append', '-initrd', '-drive', '-serial', '-dry-run', '-version', '-help'):
        assert f'\n  {option}' in done.stdout
    done = run('-cpu', 'help')
    assert done.returncode == 0 and 'avx512f\n' in done.stdout
    done = run('-version')
    assert done.returncode == 0 and done.stdout.startswith('pvrun ') and 'PV ABI 1.0' in done.stdout


def test_manual_page_has_every_option():
    """And its text is clean for the formatter."""
    text = MANUAL.read_text(encoding='ascii').replace('\\', '')
    for option in re.findall(r'^  (-[a-z-]+)', run('--help').stdout, re.MULTILINE):
        assert re.search(rf'^\.BI?R? "?{option}\b', text, re.MULTILINE), option
    done = subprocess.run(['groff', '-ww', '-man', '-Tutf8', '-z', MANUAL], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def test_closed_descriptors(image, tmp_path):
    """What pvrun opens does not become a closed standard descriptor; what cannot be printed is an error."""
    (tmp_path / 'disk').write_bytes(b'x' * 512)
    for closed in ('>&-', '<&- >&-', '<&- >&- 2>&-', '2>&-'):
        done = subprocess.run(
            ['/bin/bash', '-c', f'exec "$0" --dry-run -drive "$1" "$2" {closed}', PVRUN, str(tmp_path / 'disk'), image],
            capture_output=True, check=False, timeout=60)
        assert done.returncode == (0 if closed == '2>&-' else LAUNCHER), (closed, done)
        assert (tmp_path / 'disk').read_bytes() == b'x' * 512, closed


def test_full_output(image):
    """What cannot be printed is an error."""
    for args in (['--help'], ['--version'], ['--dry-run', image]):
        with open('/dev/full', 'w', encoding='ascii') as full:
            done = subprocess.run([PVRUN, *args], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == LAUNCHER and b'No space left' in done.stderr
