# SPDX-License-Identifier: GPL-2.0-only
"""Every way to boot, with one CPU and with two: the command line and the initramfs arrive."""
import pytest

from conftest import TOP

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


@pytest.mark.parametrize('cpu', ['qemu64', 'max', 'max,-smap,-smep', 'EPYC', 'Skylake-Client'])
def test_cpu_models(run, cpu, monkeypatch):
    monkeypatch.setenv('TWINIX_CPU', cpu)
    made = run('echo ok')
    assert (made.stdout, made.returncode) == (b'ok\n', 0), made.stderr.decode()
