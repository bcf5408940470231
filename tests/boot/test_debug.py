# SPDX-License-Identifier: GPL-2.0-only
"""When things go wrong: gdb has symbols, a panic shows where it happened and ends as panic= says."""
import os
import pathlib
import re
import socket
import subprocess
import time

import pytest

from conftest import BOOT_SECONDS, RUN, TOP

BUILD = pathlib.Path(os.environ.get('TWINIX_BUILD', TOP / 'build'))


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def test_gdb_stops_at_a_symbol_with_its_source_line(run):
    port = free_port()
    machine = subprocess.Popen([RUN, 'hvm', '--cpus', '1', f'--gdb={port}', '--timeout', str(BOOT_SECONDS)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert f'target remote 127.0.0.1:{port}' in machine.stderr.readline()
        time.sleep(1)
        gdb = subprocess.run(
            ['gdb', '-nx', '-batch', BUILD / 'hvm/kernel.elf', '-ex', f'target remote 127.0.0.1:{port}', '-ex', 'hbreak kernel_main',
             '-ex', 'continue', '-ex', 'backtrace', '-ex', 'list', '-ex', 'kill'],
            capture_output=True, text=True, timeout=BOOT_SECONDS)
        assert re.search(r'^#0 +kernel_main .*\.c:\d+', gdb.stdout, re.M), gdb.stdout + gdb.stderr
    finally:
        machine.terminate()
        machine.wait()


@pytest.mark.parametrize('cpus', ['1', '2'])
def test_panic_shows_a_symbolised_trace(run, cpus):
    made = run('echo c > /proc/sysrq-trigger', '--cpus', cpus)
    log = made.stderr.decode()
    assert made.returncode == 125
    assert re.search(r'panic', log, re.I), log
    frames = re.findall(r'\b([a-z_][a-z0-9_.]*)\+0x[0-9a-f]+/0x[0-9a-f]+', log)
    assert len(frames) >= 3, log
    assert any('write' in name for name in frames), frames


def test_panic_0_stays(run):
    made = subprocess.run([RUN, 'hvm', '--append', 'panic=0', '--timeout', '15', '-c', 'echo c > /proc/sysrq-trigger'],
                          capture_output=True, stdin=subprocess.DEVNULL)
    assert made.returncode == 124
    assert b'panic' in made.stderr.lower()


def test_panic_waits_as_long_as_it_was_told(run):
    started = time.monotonic()
    made = subprocess.run([RUN, 'hvm', '--append', 'panic=5', '--timeout', '60', '-c', 'echo c > /proc/sysrq-trigger'],
                          capture_output=True, stdin=subprocess.DEVNULL)
    assert made.returncode == 125
    assert time.monotonic() - started >= 5
