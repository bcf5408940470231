# SPDX-License-Identifier: GPL-2.0-only
"""What is needed before anything can be measured."""
import gzip
import os
import pathlib
import stat
import subprocess
import sys

from . import parts

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get('TWINIX_BUILD', TOP / 'build'))
CONFIGS = 'small,pvhost,kvm'


def member(number, name, mode, data=b'', device=(0, 0)):
    """One member of a cpio archive, in the format "newc"."""
    path = name.encode() + b'\0'
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
    head = b'070701' + b''.join(b'%08x' % field for field in fields) + path
    return head + b'\0' * (-len(head) % 4) + data + b'\0' * (-len(data) % 4)


def initrd(program, payload=b''):
    """A root of mb alone, as its first process, the same for all; and of bytes to be unpacked."""
    archive = (member(1, 'dev', stat.S_IFDIR | 0o755) +
               member(2, 'dev/console', stat.S_IFCHR | 0o600, device=(5, 1)) +
               member(3, 'init', stat.S_IFREG | 0o755, pathlib.Path(program).read_bytes()) +
               (member(4, 'payload', stat.S_IFREG | 0o644, payload) if payload else b'') +
               member(0, 'TRAILER!!!', 0))
    return gzip.compress(archive, mtime=0)


def run(*command):
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        sys.exit(f'bench: {pathlib.Path(command[0]).name} failed')
    return made.stdout


def prepare(names, kernel):
    """Builds what the parts @names need. Returns (the host's kernel, files to copy by name)."""
    packages = sorted({package for name in names for package in parts.PARTS[name].packages})
    files = dict(line.split(' ', 1) for line in run(str(HERE / 'prepare.sh'), *packages).splitlines())
    kernel = kernel or run(str(TOP / 'scripts/host'), 'build', '--config', CONFIGS).strip()
    # Linux as a guest is the host's own kernel: the same code, so the same costs.
    files['linux'] = kernel
    folder = BUILD / 'bench'
    (folder / 'initrd').write_bytes(initrd(files['mb']))
    files['initrd'] = str(folder / 'initrd')
    wanted = {'mb', 'initrd'}.union(*(parts.PARTS[name].files for name in names))
    return kernel, {name: path for name, path in files.items() if name in wanted}
