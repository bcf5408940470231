# SPDX-License-Identifier: GPL-2.0-only
"""A machine whose only program is a few instructions, with QEMU's monitor beside it."""
import pathlib
import select
import socket
import subprocess
import time

# Forks once; then both make system calls for ever, without another interrupt than the timer's.
PROGRAM = '''
	.globl _start
_start:	movl $57, %eax
	syscall
1:	movl $110, %eax
	syscall
	jmp 1b
'''


def newc(name, mode, data=b''):
    """One entry of a cpio archive."""
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b'070701' + b''.join(b'%08X' % field for field in fields) + name.encode() + b'\0'
    return head + b'\0' * (-len(head) % 4) + data + b'\0' * (-len(data) % 4)


def initramfs(folder):
    source, program, archive = folder / 'init.S', folder / 'init', folder / 'initramfs'
    source.write_text(PROGRAM)
    subprocess.run(['gcc', '-nostdlib', '-static', '-o', program, source], check=True)
    archive.write_bytes(newc('dev', 0o40755) + newc('init', 0o100755, program.read_bytes()) + newc('TRAILER!!!', 0))
    return archive


class Bare:
    def __init__(self, kernel, folder, cpus, append='', cpu='max'):
        folder = pathlib.Path(folder)
        monitor = folder / 'monitor'
        self.log = ''
        self.qemu = subprocess.Popen(
            ['qemu-system-x86_64', '-M', 'q35', '-cpu', cpu, '-accel', 'tcg', '-smp', str(cpus), '-m', '64M', '-nodefaults',
             '-display', 'none', '-nic', 'none', '-no-reboot', '-serial', 'stdio', '-monitor',
             f'unix:{monitor},server,nowait', '-kernel', kernel, '-initrd', initramfs(folder),
             '-append', f'console=ttyS0 loglevel=8 panic=-1 {append}'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.monitor = socket.socket(socket.AF_UNIX)
        self.retry(lambda: self.monitor.connect(str(monitor)))

    def retry(self, what):
        for _ in range(100):
            try:
                return what()
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.1)
        return what()

    def command(self, line):
        self.monitor.sendall(line.encode() + b'\n')

    def wait_for(self, text, count=1, seconds=120):
        """Reads the console until @text has come @count times; false if the time or the machine ends."""
        end = time.monotonic() + seconds
        while self.log.count(text) < count:
            ready, _, _ = select.select([self.qemu.stdout], [], [], max(0, end - time.monotonic()))
            data = self.qemu.stdout.read1(65536) if ready else b''
            if not data:
                return False
            self.log += data.decode(errors='replace')
        return True

    def close(self):
        self.monitor.close()
        self.qemu.kill()
        self.qemu.wait()
        self.qemu.stdout.close()
