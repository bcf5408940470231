# SPDX-License-Identifier: GPL-2.0-only
"""scripts/run hvm -c: streams, status and input are exactly the command's."""
import os
import subprocess
import time

import pytest

from conftest import RUN


def test_streams_are_kept_apart(run):
    made = run('echo out; echo err >&2; printf "no newline"')
    assert (made.stdout, made.stderr, made.returncode) == (b'out\nno newline', b'err\n', 0)


@pytest.mark.parametrize('command, status', [
    ('exit 7', 7), ('true', 0), ('false', 1), ('kill -9 $$', 137), ('kill -SEGV $$', 139),
    ('/no/such/program', 127), ('exit 255', 255), ('', 0),
])
def test_status(run, command, status):
    assert run(command).returncode == status


def test_bytes_pass_unchanged_both_ways(run):
    data = os.urandom(100_000) + bytes(range(256))
    made = run('cat', input=data)
    assert made.stdout == data
    assert (made.stderr, made.returncode) == (b'', 0)


def test_input_that_is_not_read_does_no_harm(run):
    made = run('echo done', input=b'x' * 300_000)
    assert (made.stdout, made.stderr, made.returncode) == (b'done\n', b'', 0)


def test_a_background_job_does_not_keep_the_machine(run):
    started = time.monotonic()
    made = run('sleep 1000 & echo started')
    assert (made.stdout, made.returncode) == (b'started\n', 0)
    assert time.monotonic() - started < 60


def test_orphans_are_reaped(run):
    made = run('for i in 1 2 3 4 5; do (sleep 0.1 &); done; sleep 1; ps -o stat | grep -c Z')
    assert made.stdout == b'0\n'


def test_much_output(run):
    made = run('seq 1 100000')
    assert made.stdout == b''.join(b'%d\n' % i for i in range(1, 100_001))


def test_timeout(run):
    made = subprocess.run([RUN, 'hvm', '--timeout', '8', '-c', 'echo before; sleep 1000'], capture_output=True,
                          stdin=subprocess.DEVNULL)
    assert made.returncode == 124
    assert made.stdout == b'before\n'
    assert b'no end after 8 s' in made.stderr


def test_a_panic_is_told_with_the_log(run):
    made = run('echo c > /proc/sysrq-trigger; sleep 100')
    assert made.returncode == 125
    assert made.stdout == b''
    assert b'panic' in made.stderr.lower()


@pytest.mark.parametrize('options', [
    ['--cpus', '0'], ['--mem', 'lots'], ['--boot', 'floppy'], ['--machine', 'vax'], ['--files', '/no/such'],
    ['--no-such-option'], ['-c'], ['hvm'], ['--machine', 'microvm', '--boot', 'iso'], ['--timeout', 'soon'],
])
def test_wrong_usage(options):
    made = subprocess.run([RUN, 'hvm', *options], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert made.returncode == 2
    assert '--help' in made.stderr
    assert made.stdout == ''
