#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of pvrun that need /dev/pvhost. Usage: inside.py PVRUN GUEST PORT KERNEL INITRD.

PVHOST_TESTS, if set, is a pattern that the names of the tests to run contain. GUEST and PORT are built here; KERNEL is the PV image, INITRD its root. Prints KTAP.
"""
import contextlib
import fcntl
import os
import pathlib
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

PVRUN, GUEST, PORT, KERNEL, INITRD = sys.argv[1:6]
WORK = pathlib.Path(tempfile.mkdtemp())
PATIENCE = 120  # seconds; only ever used up by a failure


def run(*args, program=PVRUN, stdin=b'', **more):
    """Runs pvrun to its end. Returns (status, stdout, stderr)."""
    done = subprocess.run([program, *args], input=stdin, capture_output=True, timeout=PATIENCE,
                          check=False, **more)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def start(*args, **more):
    """Starts pvrun with pipes."""
    return subprocess.Popen([PVRUN, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **more)


def expect(stream, text):
    """Reads a stream until the text has come."""
    got, end = b'', time.monotonic() + PATIENCE
    fd = stream if isinstance(stream, int) else stream.fileno()
    while text not in got:
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            raise AssertionError(f'no {text!r}, only {got!r}')
        data = os.read(fd, 4096)
        assert data, f'ended with {got!r} before {text!r}'
        got += data
    return got


@contextlib.contextmanager
def terminal(*args):
    """pvrun on a terminal of its own: yields (fd, process id)."""
    pid, fd = pty.fork()
    if not pid:
        os.execv(PVRUN, [PVRUN, *args])
    try:
        yield fd, pid
    finally:
        os.close(fd)


def status_of(pid):
    """Waits for a child of pty.fork()."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def spoilt(offset, data):
    """A copy of the guest whose note is changed: offset counts from its descriptor."""
    image = bytearray(pathlib.Path(GUEST).read_bytes())
    at = image.index(b'PVGUEST\0') + 8 + offset
    image[at:at + len(data)] = data
    path = WORK / 'spoilt'
    path.write_bytes(image)
    return str(path)


def test_exit_status():
    """the guest's status is pvrun's"""
    for status in (0, 7, 124, 255):
        assert run('-append', f'x{status}', GUEST)[0] == status


def test_panic():
    """a panic has a status and a message, made harmless for terminals"""
    status, _, err = run('-append', 'p9', GUEST)
    assert status == 9 and 'guest: it hurts [31m' in err, (status, err)
    assert run('-append', 'p0', GUEST)[0] == 1


def test_crash():
    """a crash is told apart, with where it happened"""
    status, _, err = run('-append', 'c', GUEST)
    assert status == 126, status
    assert re.search(r'vector 6.*rip 0x7ff0002', err), err


def test_reboot():
    """a reboot starts again; -no-reboot ends"""
    guest = start('-append', 'r', GUEST)
    for _ in range(3):
        expect(guest.stdout, b'up\n')
        guest.stdin.write(b'q')
        guest.stdin.flush()
    expect(guest.stdout, b'up\n')
    guest.kill()
    guest.wait()
    assert run('-no-reboot', '-append', 'r', GUEST, stdin=b'q')[0] == 5


def test_sigterm():
    """SIGTERM lets the guest shut down"""
    guest = start('-append', 'w', GUEST)
    expect(guest.stdout, b'waiting')
    guest.send_signal(signal.SIGTERM)
    assert guest.wait(PATIENCE) == 3


def test_sigterm_deaf():
    """a deaf guest is stopped after the grace period, with the signal's status"""
    guest = start('-grace', '1', '-append', 's', GUEST)
    expect(guest.stdout, b'spinning')
    begin = time.monotonic()
    guest.send_signal(signal.SIGTERM)
    assert guest.wait(PATIENCE) == 128 + signal.SIGTERM
    assert time.monotonic() - begin >= 1


def test_sigterm_twice():
    """the second signal stops it at once"""
    guest = start('-grace', '1000', '-append', 's', GUEST)
    expect(guest.stdout, b'spinning')
    guest.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    guest.send_signal(signal.SIGINT)
    assert guest.wait(PATIENCE) == 128 + signal.SIGINT


def test_orderly():
    """SIGTERM makes a whole system end in order"""
    guest = start('-grace', '1000', '-m', '128M', '-initrd', INITRD, '-append', 'console=hvc0', KERNEL)
    expect(guest.stdout, b'~# ')
    guest.send_signal(signal.SIGTERM)
    expect(guest.stdout, b'init: power off')
    assert guest.wait(PATIENCE) == 0


def test_console_pipe():
    """input from a pipe arrives whole, more than fits at once"""
    text = bytes(range(ord('0'), ord('9') + 1)) * 2000
    status, out, _ = run('-append', 'e', GUEST, stdin=text + b'q')
    assert status == 0 and out == 'ready\n' + text.decode(), len(out)


def test_console_gone():
    """a guest goes on when nobody reads its console"""
    guest = start('-append', 'e', GUEST)
    expect(guest.stdout, b'ready')
    guest.stdout.close()
    guest.stdin.write(b'abcq')
    guest.stdin.flush()
    assert guest.wait(PATIENCE) == 0


def test_console_file():
    """-serial file: writes the console there"""
    guest = start('-serial', f'file:{WORK}/log', '-append', 'w', GUEST)
    end = time.monotonic() + PATIENCE
    while not (WORK / 'log').exists() or (WORK / 'log').read_text() != 'waiting\n':
        assert time.monotonic() < end
        time.sleep(0.05)
    guest.terminate()
    assert guest.wait(PATIENCE) == 3


def test_console_pty():
    """-serial pty gives a terminal that can be opened"""
    guest = start('-serial', 'pty', '-append', 'e', GUEST)
    path = re.search(rb'on (/dev/pts/\d+)', expect(guest.stderr, b'\n'))
    fd = os.open(path[1], os.O_RDWR | os.O_NOCTTY)
    expect(fd, b'ready')
    os.write(fd, b'abc')
    expect(fd, b'abc')
    os.write(fd, b'q')
    assert guest.wait(PATIENCE) == 0


def test_keys():
    """Ctrl-a h helps, Ctrl-a a sends itself, Ctrl-a s counts, Ctrl-a x ends"""
    with terminal('-append', 'e', GUEST) as (fd, pid):
        expect(fd, b'ready')
        os.write(fd, b'\1h')
        expect(fd, b'Ctrl-a x')
        os.write(fd, b'\1a')
        expect(fd, b'\1')
        os.write(fd, b'\1s')
        expect(fd, b'machine:')
        os.write(fd, b'\1x')
        assert status_of(pid) == 0


def test_key_power():
    """Ctrl-a p asks the guest to shut down"""
    with terminal('-append', 'w', GUEST) as (fd, pid):
        expect(fd, b'waiting')
        os.write(fd, b'\1p')
        assert status_of(pid) == 3


def test_initrd():
    """the initrd arrives"""
    (WORK / 'initrd').write_bytes(b'initial bytes\n')
    status, out, _ = run('-initrd', str(WORK / 'initrd'), '-append', 'i', GUEST)
    assert (status, out) == (0, 'initial bytes\n')


def test_drive():
    """a disk is read and written through virtio"""
    disk = WORK / 'disk'
    disk.write_bytes(b'sector 0'.ljust(512, b'.') + bytes(512))
    status, out, err = run('-drive', f'file={disk}', '-append', 'd', GUEST)
    assert (status, out) == (0, 'sector 0'), (status, out, err)
    assert disk.read_bytes()[512:520] == b'sector 0'


def test_drive_readonly():
    """a read-only disk stays as it was"""
    disk = WORK / 'disk'
    disk.write_bytes(b'sector 0'.ljust(512, b'.') + bytes(512))
    assert run('-drive', f'{disk},ro', '-append', 'd', GUEST)[0] == 1
    assert disk.read_bytes()[512:] == bytes(512)


def test_drives():
    """two disks do all that disks can, and recover from a spoilt ring"""
    for name in ('one', 'two'):
        with open(WORK / name, 'wb') as disk:
            disk.truncate(1 << 20)
    status, out, err = run('-drive', str(WORK / 'one'), '-drive', f'{WORK}/two,serial=second', '-append', 'D', GUEST)
    assert status == 0, (status, out, err)
    assert out.replace('\0', '') == 'pvrun-0\nsecond\n', out
    assert (WORK / 'one').read_bytes() == (WORK / 'two').read_bytes()
    assert (WORK / 'one').stat().st_size == 1 << 20 and 'makes no sense' in err


def test_drive_locked():
    """two guests cannot have one disk"""
    (WORK / 'disk').write_bytes(bytes(4096))
    first = start('-drive', str(WORK / 'disk'), '-append', 'w', GUEST)
    expect(first.stdout, b'waiting')
    status, _, err = run('-drive', str(WORK / 'disk'), '-append', 'd', GUEST)
    first.terminate()
    assert first.wait(PATIENCE) == 3
    assert status == 125 and 'another guest uses it' in err, (status, err)


def test_wrong_version():
    """an image for another ABI is refused with both versions"""
    status, _, err = run(spoilt(0, b'\7\0'), '-append', 'x0')
    assert status == 125 and 'wants PV ABI 7.0' in err, (status, err)


def test_missing_feature():
    """an image that needs an unknown feature is refused"""
    status, _, err = run(spoilt(8 + 5, b'\1'), '-append', 'x0')
    assert status == 125 and '0x10000000000' in err, (status, err)


def test_no_permission():
    """somebody without rights on the device is told what to do"""
    # Copies, since the folder they are in may be closed to others, as /root is.
    WORK.chmod(0o755)
    status, _, err = run('-append', 'x0', shutil.copy(GUEST, WORK), program=shutil.copy(PVRUN, WORK),
                         user=65534, group=65534)
    assert status == 125 and 'no permission' in err, (status, err)


def lines(first, last):
    """What the guest prints for `lN`."""
    return b''.join(b'%063d\n' % n for n in range(first, last))


@contextlib.contextmanager
def unread(*args, flags=0, errors=False):
    """pvrun with nobody reading its output, from when the pipe is full: yields (process, read end).

    errors: its messages go there, too."""
    end, out = os.pipe2(os.O_CLOEXEC | flags)
    fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, 4096)
    # pylint: disable-next=consider-using-with
    guest = subprocess.Popen([PVRUN, *args], stdin=subprocess.DEVNULL, stdout=out,
                             stderr=out if errors else subprocess.PIPE)
    os.close(out)
    if flags & os.O_NONBLOCK:
        os.set_blocking(end, True)
    try:
        yield guest, end
    finally:
        guest.kill()
        guest.wait()
        os.close(end)


def full(fd):
    """Waits until nothing more goes into the small pipe of unread()."""
    limit, before, same = time.monotonic() + PATIENCE, bytes(4), 0
    while same < 10:
        assert time.monotonic() < limit
        time.sleep(0.1)
        now = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
        same = same + 1 if now == before != bytes(4) else 0
        before = now


def test_unread_stopped():
    """the second SIGTERM ends a guest whose output nobody reads"""
    for flags in (0, os.O_NONBLOCK):
        for errors in (False, True):
            with unread('-grace', '1000', '-append', 'F', GUEST, flags=flags, errors=errors) as (guest, end):
                full(end)
                guest.terminate()
                time.sleep(0.3)
                begin = time.monotonic()
                guest.terminate()
                assert guest.wait(PATIENCE) == 128 + signal.SIGTERM
                assert time.monotonic() - begin < 10, (flags, errors)


def test_unread_grace():
    """so does the end of the grace period, and SIGQUIT does at once"""
    for number, grace, least in ((signal.SIGTERM, 2, 2), (signal.SIGQUIT, 1000, 0)):
        with unread('-grace', str(grace), '-append', 'F', GUEST) as (guest, end):
            full(end)
            begin = time.monotonic()
            guest.send_signal(number)
            assert guest.wait(PATIENCE) == 128 + number
            assert least <= time.monotonic() - begin < least + 10


def test_unread_orderly():
    """a guest whose output nobody reads still hears the power event"""
    with unread('-grace', '1000', '-append', 'f', GUEST) as (guest, end):
        full(end)
        guest.terminate()
        assert guest.wait(PATIENCE) == 3


def test_unread_pty():
    """a pseudo-terminal that nobody has opened stops nothing"""
    guest = start('-serial', 'pty', '-grace', '1000', '-append', 'f', GUEST)
    expect(guest.stderr, b'on /dev/pts/')
    time.sleep(1)
    guest.terminate()
    assert guest.wait(PATIENCE) == 3


def test_unread_dropped():
    """after some seconds the oldest lines go, with a word, and a reader who is back finds whole ones"""
    with unread('-append', 'F', GUEST) as (guest, end):
        message = expect(guest.stderr, b'\n')
        assert b'nobody reads' in message, message
        got = b''
        while len(got) < 4 << 20:
            got += os.read(end, 1 << 16)
        numbers = [int(line) for line in got.split(b'\n')[:-1] if len(line) == 63]
        assert len(numbers) >= len(got) // 64 - 1
        assert numbers == sorted(numbers) and numbers[-1] >= len(numbers)
        expect(guest.stderr, b'bytes of output were lost')


def test_nonblocking():
    """not a line is lost where the output is non-blocking and its reader slow"""
    with unread('-append', 'l3000', GUEST, flags=os.O_NONBLOCK) as (guest, end):
        full(end)
        got = b''
        while data := os.read(end, 1000):
            got += data
            time.sleep(0.005)
        assert guest.wait(PATIENCE) == 0
        assert got == lines(0, 3000), len(got)


def test_slow_reader():
    """nor where more is printed than is kept for a slow reader"""
    with unread('-append', 'l40000', GUEST) as (guest, end):
        full(end)
        time.sleep(2)
        got = b''
        while data := os.read(end, 1 << 16):
            got += data
        assert guest.wait(PATIENCE) == 0
        assert got == lines(0, 40000), len(got)


def test_closed_descriptors():
    """closed standard descriptors stay unusable; nothing else becomes one of them"""
    disk = WORK / 'disk'
    for closed in ((1,), (0, 1), (0, 1, 2), (2,)):
        disk.write_bytes(b'sector 0'.ljust(512, b'.') + bytes(512))
        def close(closed=closed):
            for fd in closed:
                os.close(fd)
        # pylint: disable-next=subprocess-popen-preexec-fn
        status, _, _ = run('-drive', f'file={disk}', '-append', 'l10', GUEST, preexec_fn=close)
        assert status == 0, (closed, status)
        assert disk.read_bytes() == b'sector 0'.ljust(512, b'.') + bytes(512), closed


def raw(fd):
    """Whether a terminal is in raw mode."""
    return not termios.tcgetattr(fd)[3] & termios.ICANON


def until(condition):
    """Waits for a condition."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_terminal_restored():
    """whatever signal ends pvrun, the terminal is as it was"""
    for number, status in ((signal.SIGQUIT, 131), (signal.SIGUSR2, 140), (signal.SIGALRM, 142),
                           (signal.SIGTERM, 143), (signal.SIGSEGV, -11), (signal.SIGABRT, -6)):
        with terminal('-grace', '0', '-append', 's', GUEST) as (fd, pid):
            expect(fd, b'spinning')
            assert raw(fd)
            os.kill(pid, number)
            assert status_of(pid) == status
            assert not raw(fd), number


def test_job_control():
    """SIGTSTP gives the terminal back, SIGCONT makes it raw again, also after SIGSTOP"""
    with terminal('-append', 'e', GUEST) as (fd, pid):
        expect(fd, b'ready')
        cooked = termios.tcgetattr(fd)
        cooked[3] |= termios.ICANON | termios.ECHO
        for number in (signal.SIGTSTP, signal.SIGSTOP):
            os.kill(pid, number)
            assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
            if number == signal.SIGTSTP:
                assert not raw(fd)
            termios.tcsetattr(fd, termios.TCSANOW, cooked)  # as a shell does
            os.kill(pid, signal.SIGCONT)
            until(lambda: raw(fd))
            os.write(fd, b'abc')
            expect(fd, b'abc')
        os.write(fd, b'q')
        assert status_of(pid) == 0


def test_background():
    """in the background it leaves the terminal alone and runs; in the foreground it has it"""
    pid, fd = pty.fork()
    if not pid:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        guest = os.fork()
        if not guest:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.execv(PVRUN, [PVRUN, '-append', 'e', GUEST])
        os.read(0, 1)
        os.tcsetpgrp(0, guest)
        os.kill(guest, signal.SIGCONT)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(guest, 0)[1]))
    expect(fd, b'ready')
    assert not raw(fd)
    os.write(fd, b'\n')
    until(lambda: raw(fd))
    os.write(fd, b'abcq')
    expect(fd, b'abc')
    assert status_of(pid) == 0
    os.close(fd)


def limited(megabytes):
    """What makes run() and start() somebody who may lock so much memory, and use the device."""
    os.chmod('/dev/pvhost', 0o666)
    WORK.chmod(0o755)
    limit = megabytes << 20
    return {'user': 65534, 'group': 65534,
            'preexec_fn': lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))}


def test_memory_limit():
    """the limit on locked memory is told once, with what to do, and ends the guest"""
    guest, program = shutil.copy(GUEST, WORK), shutil.copy(PVRUN, WORK)
    for smp in ('1', '4'):
        status, out, err = run('-m', '64', '-smp', smp, '-append', 't', guest, program=program, **limited(8))
        assert (status, out) == (125, 'touching\n'), (status, out, err)
        assert err.count('\n') == 1 and 'ulimit -l 65536' in err and '8192 KiB' in err, err
    status, _, err = run('-append', 't', guest, program=program, **limited(0))
    assert status == 125 and err.count('\n') == 1 and 'ulimit -l' in err, (status, err)


def test_memory_limit_raised():
    """a guest at the limit goes on when the limit is raised, and can be stopped"""
    guest, program = shutil.copy(GUEST, WORK), shutil.copy(PVRUN, WORK)
    for raised in (True, False):
        # pylint: disable-next=consider-using-with
        machine = subprocess.Popen([program, '-m', '64', '-grace', '0', '-append', 't', guest], stderr=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, **limited(8))
        expect(machine.stderr, b'ulimit -l')
        if raised:
            resource.prlimit(machine.pid, resource.RLIMIT_MEMLOCK, (1 << 30, 1 << 30))
        else:
            machine.terminate()
        assert machine.wait(PATIENCE) == (0 if raised else 143)


def threads(pid):
    """Whether each thread of a process has a system-call filter."""
    tasks = pathlib.Path(f'/proc/{pid}/task').iterdir()
    return ['Seccomp:\t2' in (task / 'status').read_text() for task in tasks]


def test_threads():
    """a thread for each vCPU, disk and direction, and the main one; all with a filter, unless that is off"""
    (WORK / 'disk').write_bytes(bytes(4096))
    for sandbox, filtered in (('on', True), ('off', False)):
        guest = start('-smp', '3', '-drive', str(WORK / 'disk'), '-sandbox', sandbox, '-append', 'w', GUEST)
        expect(guest.stdout, b'waiting')
        assert threads(guest.pid) == 8 * [filtered]
        guest.terminate()
        assert guest.wait(PATIENCE) == 3


def test_reboot_filtered():
    """a reboot makes the machine and its disk anew, without a new process"""
    (WORK / 'disk').write_bytes(b'0'.ljust(4096, b'.'))
    status, out, err = run('-smp', '2', '-drive', str(WORK / 'disk'), '-append', 'b', GUEST)
    assert (status, out, err) == (0, '123', ''), (status, out, err)


def test_stats():
    """-stats counts exits by their reason"""
    (WORK / 'words').write_bytes(b'words')
    status, _, err = run('-stats', '-append', 'i', '-initrd', str(WORK / 'words'), GUEST)
    assert status == 0 and re.search(r'vCPU 0: exits for console [1-9]\d* out', err), err


def cpuid(*args):
    """The guest's leaves 1 and 7, each as (eax, ebx, ecx, edx)."""
    status, out, err = run(*args, '-append', 'u', GUEST)
    assert status == 0, (status, err)
    return [[int(word, 16) for word in line.split()] for line in out.splitlines()]


def test_cpu():
    """-cpu hides features, and what makes no sense without them, from the guest"""
    whole = cpuid()
    assert cpuid('-cpu', 'host') == whole
    assert whole[0][2] & 1 << 28 and whole[1][1] & 1 << 5, 'the host has no AVX2 to hide'
    less = cpuid('-cpu', 'host,-avx,rdrand=off')
    assert not less[0][2] & (1 << 12 | 1 << 28 | 1 << 29 | 1 << 30) and not less[1][1] & 1 << 5
    for leaf, other in zip(whole, less):
        assert all(a & b == b for a, b in zip(leaf, other)), (whole, less)
    assert less[0][3] == whole[0][3] and less[0][2] & 1 << 26


def test_large_smp():
    """as many vCPUs as the host allows start"""
    assert run('-smp', '16', '-append', 'x4', GUEST)[0] == 4


def test_port():
    """a guest written from the specification: two vCPUs in user mode, timers, faults, balloon"""
    for _ in range(5):
        status, out, err = run('-smp', '2', PORT)
        assert (status, out) == (0, 'port: all right\n'), (status, out, err)


def test_kill():
    """kill -9 leaves no process behind, and memory comes back"""
    def free():
        return int(re.search(r'MemAvailable: +(\d+)', pathlib.Path('/proc/meminfo').read_text())[1])

    before = free()
    for _ in range(10):
        guest = start('-smp', '4', '-m', '256', '-append', 's', GUEST)
        expect(guest.stdout, b'spinning')
        guest.kill()
        assert guest.wait(PATIENCE) == -signal.SIGKILL
    assert free() > before - 16384, (before, free())


def main():
    """Runs every test."""
    wanted = os.environ.get('PVHOST_TESTS', '')
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_') and re.search(wanted, name)]
    failed = 0
    print(f'KTAP version 1\n1..{len(tests)}')
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f'ok {number} {test.__doc__}', flush=True)
        except (AssertionError, OSError, TypeError, subprocess.SubprocessError) as error:
            failed += 1
            print(f'# {name}: {error}\nnot ok {number} {test.__doc__}', flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
