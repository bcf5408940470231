# SPDX-License-Identifier: GPL-2.0-only
"""scripts/gen-syscalls: what it makes of a table, and what it refuses."""
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
TABLE = TOP / 'guest-kernel/entry/syscall.tbl'


def generate(option, text, tmp_path):
    table = tmp_path / 'table'
    table.write_text(text)
    return subprocess.run([TOP / 'scripts/gen-syscalls', option, table], capture_output=True, text=True)


def test_prototype_has_as_many_arguments_as_the_call(tmp_path):
    made = generate('--header', '3 close sys_close fd:int\n60 exit - status:int\n39 getpid -\n', tmp_path).stdout
    assert 'long sys_close(unsigned long fd);' in made
    assert 'long sys_exit(unsigned long status);' in made
    assert 'long sys_getpid(void);' in made
    assert '#define NR_SYSCALLS 61' in made


def test_gaps_and_calls_without_handler_lead_to_ni_syscall(tmp_path):
    made = generate('--table', '0 read sys_read fd:int\n2 open - path:str\n', tmp_path).stdout
    assert '[0] = HANDLER(sys_read)' in made
    assert '[1] = HANDLER(sys_ni_syscall)' in made
    assert '[2] = HANDLER(sys_ni_syscall)' in made
    assert '[2] = { "open", "s" }' in made


@pytest.mark.parametrize('line, complaint', [
    ('x read sys_read', 'expected NUMBER'),
    ('0 read', 'expected NUMBER'),
    ('0 read read', 'must be sys_read'),
    ('0 read sys_read ?', 'must be described'),
    ('0 read sys_read fd', 'not NAME:KIND'),
    ('0 read sys_read fd:file', 'not NAME:KIND'),
    ('0 read sys_read a:int b:int c:int d:int e:int f:int g:int', 'more than six'),
    ('0 read -\n0 write -', 'listed twice'),
    ('0 read -\n1 read -', 'listed twice'),
    ('', 'no system calls'),
])
def test_a_wrong_table_is_refused(tmp_path, line, complaint):
    made = generate('--header', line, tmp_path)
    assert made.returncode != 0
    assert complaint in made.stderr
    assert not made.stdout


def test_the_documentation_is_that_of_the_table():
    made = subprocess.run([TOP / 'scripts/gen-syscalls', '--doc', TABLE], capture_output=True, text=True, check=True)
    assert made.stdout == (TOP / 'Documentation/syscalls.md').read_text(), 'run: make syscalls-doc'


def test_numbers_are_those_of_this_machines_headers():
    """The build host is an x86-64 Linux too: its unistd.h knows the numbers."""
    made = subprocess.run(['gcc', '-E', '-dM', '-include', 'asm/unistd_64.h', '-x', 'c', '/dev/null'],
                          capture_output=True, text=True, check=True).stdout
    host = dict(line.split()[1:3] for line in made.splitlines() if line.startswith('#define __NR_'))
    ours = dict(reversed(line.split()[:2]) for line in TABLE.read_text().splitlines() if line[:1].isdigit())
    for name, number in host.items():
        assert ours.get(name.removeprefix('__NR_')) == number, name
