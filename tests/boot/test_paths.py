# SPDX-License-Identifier: GPL-2.0-only
"""Every way to boot, with one CPU and with two: the command line and the initramfs arrive."""
import subprocess

import pytest

from conftest import RUN, TOP

PATHS = [
    ['--machine', 'q35'],
    ['--machine', 'pc'],
    ['--machine', 'microvm'],
    ['--machine', 'pc', '--boot', 'iso'],
    ['--machine', 'q35', '--boot', 'iso'],
    ['--machine', 'pc', '--boot', 'disk'],
    ['--machine', 'q35', '--boot', 'efi'],
    ['--machine', 'pc', '--boot', 'bzimage'],
    ['--machine', 'q35', '--boot', 'bzimage'],
]


@pytest.mark.parametrize('cpus', ['1', '2'])
@pytest.mark.parametrize('path', PATHS, ids=' '.join)
def test_boots(run, path, cpus):
    made = run('cat /proc/cmdline; nproc; cat /etc/mark', *path, '--cpus', cpus, '--append', 'some.word=7',
               '--files', 'tests/boot/files', cwd=TOP)
    lines = made.stdout.decode().split('\n')
    assert made.returncode == 0, made.stderr.decode()
    assert 'some.word=7' in lines[0].split()
    assert lines[1:] == [cpus, 'laid over', '']
    assert made.stderr == b''


@pytest.mark.parametrize('mem', ['32M', '256M', '1G', '5G'])
def test_memory_is_what_was_given(run, mem):
    made = run("awk '/MemTotal/ { print $2 }' /proc/meminfo", '--mem', mem)
    given = int(mem[:-1]) * {'M': 1 << 10, 'G': 1 << 20}[mem[-1]]
    assert made.returncode == 0, made.stderr.decode()
    assert given * 0.75 < int(made.stdout) <= given


@pytest.mark.parametrize('cpu', ['qemu64', 'qemu64,-nx', 'max', 'max,-smap,-smep', 'EPYC', 'Skylake-Client'])
def test_cpu_models(run, cpu, monkeypatch):
    monkeypatch.setenv('TWINIX_CPU', cpu)
    made = run('echo ok')
    assert (made.stdout, made.returncode) == (b'ok\n', 0), made.stderr.decode()


@pytest.mark.parametrize('cpu, missing', [
    ('qemu64,-fxsr', b'fxsr'), ('qemu64,-syscall', b'syscall'), ('qemu64,-apic,-sse2', b'apic, sse2'),
    ('qemu64,-lm', b'64-bit mode (lm, pae, msr)'),
])
def test_a_cpu_that_is_not_enough_is_told_so(cpu, missing, monkeypatch):
    """In one line, the first and only one."""
    monkeypatch.setenv('TWINIX_CPU', cpu)
    made = subprocess.run([RUN, 'hvm', '-v', '--timeout', '6', '-c', 'echo ok'], capture_output=True,
                          stdin=subprocess.DEVNULL)
    assert made.returncode == 124
    lines = [line for line in made.stderr.splitlines() if b'| ' in line]
    assert len(lines) == 1 and lines[0].endswith(b'needs what this CPU does not have: ' + missing), made.stderr.decode()
