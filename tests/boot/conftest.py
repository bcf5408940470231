# SPDX-License-Identifier: GPL-2.0-only
"""How the boot tests start machines: always by scripts/run, as a person does."""
import os
import pathlib
import subprocess

import pexpect
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
RUN = str(TOP / 'scripts/run')
PROMPT = r'twinix:\S+# '
# The shell asks the terminal where its cursor is; a test does not answer.
CURSOR_QUERY = '\x1b[6n'
# A loaded build machine emulates slowly; nobody waits this long when all is well.
BOOT_SECONDS = 120


class Console(pexpect.spawn):
    """A machine whose console is this terminal, at the shell's prompt."""

    def __init__(self, *options):
        super().__init__(RUN, ['hvm', *options], timeout=BOOT_SECONDS, encoding='utf-8', codec_errors='replace',
                         dimensions=(25, 80))
        # The shell's answer to each byte is on its way while we send the next.
        self.delaybeforesend = 0.05

    def prompt(self):
        self.expect(PROMPT)
        return self.before

    def ask(self, line):
        """Types a line; returns what it printed."""
        self.sendline(line)
        self.expect_exact(line)
        # QEMU leaves the host's terminal to put a carriage return before the guest's.
        return self.prompt().replace('\r', '').replace(CURSOR_QUERY, '').strip()

    def poweroff(self):
        self.sendline('poweroff')
        self.expect(pexpect.EOF)
        self.close()
        return self.exitstatus


@pytest.fixture
def console():
    """Starts machines; what is left of them is ended."""
    started = []

    def start(*options):
        machine = Console(*options)
        started.append(machine)
        machine.prompt()
        return machine

    yield start
    for machine in started:
        machine.close(force=True)


@pytest.fixture(scope='session')
def run():
    """Runs one command in a machine, by scripts/run -c."""
    def run_command(command, *options, **kwargs):
        kwargs.setdefault('stdin', subprocess.DEVNULL if 'input' not in kwargs else None)
        if kwargs['stdin'] is None:
            del kwargs['stdin']
        return subprocess.run([RUN, 'hvm', '--timeout', str(BOOT_SECONDS), *options, '-c', command],
                              capture_output=True, **kwargs)

    return run_command


@pytest.fixture(scope='session', autouse=True)
def build():
    """What has to be built is built first, and once: all tests are of the same kernel."""
    made = subprocess.run([RUN, 'hvm', '--timeout', str(BOOT_SECONDS), '-c', 'true'], stdin=subprocess.DEVNULL)
    assert made.returncode == 0, 'the kernel does not boot'
    os.environ['TWINIX_BUILT'] = '1'
