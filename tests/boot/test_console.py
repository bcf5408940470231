# SPDX-License-Identifier: GPL-2.0-only
"""The console as a person uses it: a shell with job control in a terminal."""
import re

import pexpect
import pytest

from conftest import PROMPT


# A job that says when it is in the foreground, in a word that the line as typed does not have.
JOB = "sh -c 'echo be''gun; exec sleep 1000'"


def begin(machine, line=JOB):
    """Starts a job that sleeps, and waits for it to be in the foreground."""
    machine.sendline(line)
    machine.expect('begun')


def test_prompt_commands_and_poweroff(console):
    machine = console()
    assert machine.ask('echo $((6 * 7))') == '42'
    assert machine.ask('tty') in ('/dev/console', '/dev/ttyS0')
    assert machine.ask('stty size') == '25 80'
    assert machine.poweroff() == 0


def test_reboot_boots_again(console):
    machine = console()
    machine.sendline('reboot')
    machine.expect('Welcome to')
    machine.prompt()
    assert machine.poweroff() == 0


def test_control_c_ends_the_foreground_job(console):
    machine = console()
    begin(machine, JOB + '; echo status $?')
    machine.sendintr()
    machine.expect('status 130|twinix')
    machine.sendline('')
    machine.prompt()
    assert machine.ask('jobs') == ''
    assert machine.poweroff() == 0


def test_control_z_fg_and_bg(console):
    machine = console()
    begin(machine)
    machine.send('\x1a')
    machine.expect(r'\[1\]\+ +Stopped +sh -c')
    machine.prompt()
    assert 'Stopped' in machine.ask('jobs')
    machine.ask('bg')
    assert 'Running' in machine.ask('jobs')
    machine.sendline('fg')
    machine.expect('sleep 1000')
    # The shell prints that before it hands the terminal over.
    while True:
        machine.sendintr()
        if machine.expect([PROMPT, pexpect.TIMEOUT], timeout=2) == 0:
            break
    assert machine.ask('jobs') == ''


def test_control_backslash_quits_and_control_d_is_end_of_file(console):
    machine = console()
    machine.sendline('cat')
    machine.sendline('echoed once')
    machine.expect(r'echoed once\r+\nechoed once')
    machine.sendcontrol('d')
    machine.prompt()
    begin(machine)
    machine.sendcontrol('\\')
    machine.prompt()
    assert machine.ask('echo $?') == '131'


def test_line_editing_of_the_terminal(console):
    machine = console()
    machine.sendline('cat > /tmp/typed')
    machine.send('wrong\x15rigth\x7f\x7fht\n')
    machine.sendcontrol('d')
    machine.prompt()
    assert machine.ask('cat /tmp/typed') == 'right'


def test_a_line_that_is_too_long_is_cut(console):
    """The line must not be stopped when there is nothing to be read yet: the end would never come in."""
    machine = console()
    machine.sendline('cat > /tmp/typed')
    for _ in range(80):
        machine.send('x' * 50)
        machine.expect_exact('x' * 50)
    for _ in range(10):
        machine.send('x' * 50)
    machine.send('\n')
    machine.sendcontrol('d')
    machine.prompt()
    assert machine.ask('wc -c < /tmp/typed') == '4096'


def test_background_job_that_reads_the_terminal_stops(console):
    machine = console()
    machine.sendline('cat &')
    machine.prompt()
    machine.ask('while jobs | grep -q Running; do usleep 10000; done')
    assert 'Stopped' in machine.ask('jobs')


def test_the_shell_comes_back(console):
    machine = console()
    first = machine.ask('echo $$')
    machine.sendline('exit')
    machine.prompt()
    assert machine.ask('echo $$') != first


def test_vi_edits_a_file(console):
    machine = console()
    # Each key waits for the status line to tell the mode. On the screen the text may come in
    # pieces, and what follows an Escape at once is taken for a key of the terminal's.
    machine.sendline('vi /tmp/page')
    machine.expect(r'- /tmp/page')
    machine.send('i')
    machine.expect(r'I /tmp/page')
    machine.send('hello from vi\x1b')
    machine.expect(r'- /tmp/page \[Modified\]')
    machine.send(':wq\r')
    machine.prompt()
    assert machine.ask('cat /tmp/page') == 'hello from vi'


def test_top_shows_processes(console):
    machine = console()
    machine.sendline('top -d 1')
    machine.expect('Mem:')
    machine.expect('PID')
    machine.expect(r'\btop\b')
    machine.send('q')
    machine.prompt()


def test_control_a_x_ends_qemu(console):
    machine = console()
    machine.send('\x01x')
    machine.expect(pexpect.EOF)
    machine.close()
    assert machine.exitstatus == 0


@pytest.mark.parametrize('cpus', ['1', '2'])
def test_a_faulting_program_dies_alone(console, cpus):
    machine = console('--cpus', cpus)
    # A jump to address 0, as an ELF file of one instruction would do it, needs no compiler in the guest.
    text = machine.ask('sh -c "kill -SEGV \\$\\$"; echo $?')
    assert text.endswith('139')
    assert machine.ask('echo alive') == 'alive'
    assert re.search(r'\d', machine.ask('nproc'))
