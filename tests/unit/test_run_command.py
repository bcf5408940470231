# SPDX-License-Identifier: GPL-2.0-only
"""scripts/lib/run-command with programs that stand in for a machine."""
import pathlib
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
# A machine written in Python: frame() packs as userland/init/frame.c does.
PRELUDE = '''
import os, sys
def frame(kind, data=b''):
    out = bytearray([0x80 | kind, 0x80 | len(data) >> 7, 0x80 | len(data) & 0x7f])
    for at in range(0, len(data), 7):
        group = data[at:at + 7]
        out.append(0x80 | sum((byte >> 7) << (6 - i) for i, byte in enumerate(group)))
        out += bytes(byte | 0x80 for byte in group)
    os.write(1, out)
OUT, ERR, WANT, LOG, STATUS = range(1, 6)
'''


def run(tmp_path, machine, *options, **kwargs):
    kwargs.setdefault('stdin', subprocess.DEVNULL if 'input' not in kwargs else None)
    if kwargs['stdin'] is None:
        del kwargs['stdin']
    return subprocess.run([TOP / 'scripts/lib/run-command', '--log', tmp_path / 'log', *options, '--',
                           sys.executable, '-c', PRELUDE + machine], capture_output=True, timeout=30, **kwargs)


def test_streams_and_status_are_kept_apart(tmp_path):
    made = run(tmp_path, "frame(OUT, b'out\\n'); os.write(1, b'kernel\\n'); frame(ERR, b'err\\n'); frame(STATUS, b'7')")
    assert (made.stdout, made.stderr, made.returncode) == (b'out\n', b'err\n', 7)
    assert (tmp_path / 'log').read_bytes() == b'kernel\n'


def test_all_bytes_pass(tmp_path):
    made = run(tmp_path, "frame(OUT, bytes(range(256)) * 16); frame(OUT, b'x'); frame(STATUS, b'0')")
    assert made.stdout == bytes(range(256)) * 16 + b'x'
    assert made.returncode == 0


def test_kernel_messages_inside_a_frame_do_no_harm(tmp_path):
    made = run(tmp_path, '''
read, write = os.pipe()
saved = os.dup(1); os.dup2(write, 1)
frame(OUT, bytes(range(200, 256))); frame(STATUS, b'3')
os.dup2(saved, 1)
for byte in os.read(read, 4096):
    os.write(1, bytes([byte]) + b'noise ')
''')
    assert made.stdout == bytes(range(200, 256))
    assert made.returncode == 3


def test_input_comes_when_asked_for(tmp_path):
    machine = '''
while True:
    frame(WANT)
    length = int.from_bytes(os.read(0, 2), 'big')
    if not length:
        break
    data = b''
    while len(data) < length:
        data += os.read(0, length - len(data))
    frame(OUT, data)
frame(STATUS, b'0')
'''
    data = bytes(i * 7 % 256 for i in range(5000))
    assert run(tmp_path, machine, '--stdin', input=data).stdout == data
    assert run(tmp_path, machine, input=data).stdout == b''


def test_a_dead_machine_is_told_with_its_log(tmp_path):
    made = run(tmp_path, "os.write(1, b'panic: no\\n'); sys.exit(3)")
    assert made.returncode == 125
    assert b'panic: no' in made.stderr
    assert made.stdout == b''


def test_timeout(tmp_path):
    made = run(tmp_path, "import time; os.write(1, b'stuck\\n'); time.sleep(60)", '--timeout', '1')
    assert made.returncode == 124
    assert b'stuck' in made.stderr


@pytest.mark.parametrize('status', [0, 1, 255])
def test_a_machine_that_does_not_switch_off_is_ended(tmp_path, status):
    made = run(tmp_path, f"frame(STATUS, b'{status}'); import time; time.sleep(60)", '--timeout', '2')
    assert made.returncode == status
