# SPDX-License-Identifier: GPL-2.0-only
"""What can be said on the kernel's command line does what Documentation/booting.md says."""
import re


def out(made):
    assert made.returncode == 0, made.stderr.decode()
    return made.stdout.decode().strip()


def test_mem_limits_memory(run):
    total = int(out(run("awk '/MemTotal/ { print $2 }' /proc/meminfo", '--mem', '256M', '--append', 'mem=96M')))
    assert 64 * 1024 < total <= 96 * 1024


def test_maxcpus_limits_processors(run):
    assert out(run('nproc', '--cpus', '2', '--append', 'maxcpus=1')) == '1'


def test_rdinit_and_init_choose_the_first_program(run, tmp_path):
    first = tmp_path / 'first'
    first.write_text('#!/bin/sh\nexport CHOSEN=$0\nexec /init "$@"\n')
    first.chmod(0o755)
    for option in ('init', 'rdinit'):
        made = run("tr '\\0' '\\n' </proc/1/environ | grep CHOSEN", '--files', str(tmp_path),
                   '--append', f'{option}=/first')
        assert out(made) == 'CHOSEN=/first'


def test_a_missing_init_is_told(run):
    made = run('true', '--append', 'rdinit=/no/such')
    assert made.returncode == 125
    assert '/no/such' in made.stderr.decode()


def test_unknown_words_go_to_init(run):
    made = run("tr '\\0' ' ' </proc/1/cmdline; tr '\\0' '\\n' </proc/1/environ | grep WORD", '--append', 'plain WORD=7')
    assert out(made).endswith('plain WORD=7')


def words(count):
    """A command line of so many words of 37 bytes with a blank each."""
    return ' '.join(f'w{n:04}=' + 'x' * 30 for n in range(count))


def test_a_long_command_line_is_whole(run):
    assert out(run('cat /proc/cmdline', '--append', words(100))).endswith(words(100))


def test_a_command_line_that_is_too_long_is_told(run):
    made = run('true', '--append', words(120))
    assert made.returncode == 2 and b'has room for 4095' in made.stderr, made.stderr
    made = run("cat /proc/cmdline; dmesg | grep 'too long'", '--boot', 'bzimage', '--append', words(120))
    line, message = out(made).split('\n')
    assert words(120).startswith(line.split(' panic=-1 ')[1].rstrip()) and line.rstrip().endswith('=' + 'x' * 30)
    assert re.search(r'bytes too long: lost from "w0\d+=x', message), message


def test_root_is_refused_in_the_log(run):
    assert 'root=' in out(run("dmesg | grep -v 'ommand line'", '--append', 'root=/dev/vda1'))


def test_loglevel_and_quiet(run):
    """The log that init hands on at the end is marked with levels; this is about the console."""
    def lines(option):
        made = run('true', '-v', '--append', option)
        assert made.returncode == 0
        return len(re.findall(r'\| \[ *\d+\.\d+\]', made.stderr.decode()))

    quiet, loud = lines('quiet'), lines('loglevel=7')
    assert lines('loglevel=0') == 0 and quiet < loud and loud > 4


def test_console_of_the_screen_and_of_the_serial_port(run):
    """The last one named is /dev/console: a command's output still comes by the serial port."""
    made = run('cat /proc/cmdline', '--append', 'console=tty0 console=ttyS0')
    assert 'console=tty0' in out(made)


def test_strace_logs_calls(run):
    made = run('cat /nonexistent', '-v', '--append', 'strace loglevel=7')
    log = made.stderr.decode()
    assert re.search(r'\d+ cat openat?\(.*"/nonexistent".*\) = -2 ENOENT', log), log[-3000:]
    assert re.search(r'\d+ cat exit_group\(1\)', log)


def test_calls_are_counted(run):
    counts = out(run("awk '$2 == \"getppid\" { n = $3 } END { print n + 0 }' /proc/syscalls; "
                     "awk '$2 == \"write\" { print $3 }' /proc/syscalls")).split()
    assert len(counts) == 2 and int(counts[1]) > 0


def test_icount_repeats(run):
    """The time-stamp counter counts instructions: two boots take equally long."""
    times = [out(run('cut -d" " -f1 /proc/uptime', '--icount', '--cpus', '1')) for _ in range(2)]
    assert abs(float(times[0]) - float(times[1])) <= 0.02
