#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of pvrun that need /dev/pvhost. Usage: inside.py PVRUN GUEST PORT KERNEL INITRD.

GUEST and PORT are built here; KERNEL is the PV image, INITRD its root. Prints KTAP.
"""
import contextlib
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
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


def threads(pid):
    """Whether each thread of a process has a system-call filter."""
    tasks = pathlib.Path(f'/proc/{pid}/task').iterdir()
    return sorted('Seccomp:\t2' in (task / 'status').read_text() for task in tasks)


def test_threads():
    """a thread for each vCPU and disk, with a filter, unless that is switched off"""
    (WORK / 'disk').write_bytes(bytes(4096))
    for sandbox, filtered in (('on', True), ('off', False)):
        guest = start('-smp', '3', '-drive', str(WORK / 'disk'), '-sandbox', sandbox, '-append', 'w', GUEST)
        expect(guest.stdout, b'waiting')
        end = time.monotonic() + PATIENCE
        while threads(guest.pid) != sorted([False] + 4 * [filtered]) and time.monotonic() < end:
            time.sleep(0.05)
        assert threads(guest.pid) == sorted([False] + 4 * [filtered])
        guest.terminate()
        assert guest.wait(PATIENCE) == 3


def test_stats():
    """-stats counts exits by their reason"""
    (WORK / 'words').write_bytes(b'words')
    status, _, err = run('-stats', '-append', 'i', '-initrd', str(WORK / 'words'), GUEST)
    assert status == 0 and re.search(r'vCPU 0: exits for console [1-9]\d* out', err), err


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
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_')]
    failed = 0
    print(f'KTAP version 1\n1..{len(tests)}')
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f'ok {number} {test.__doc__}', flush=True)
        except (AssertionError, OSError, TypeError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f'# {name}: {error}\nnot ok {number} {test.__doc__}', flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
