# SPDX-License-Identifier: GPL-2.0-only
"""The systems that are compared, and how one is started in the host.

Imported on both sides: by scripts/bench, and by inside.py in the booted host.
"""
import collections

MEMORY_MIB = 128
WORK = '/run/bench'     # a tmpfs of the host: 9p must not be what is measured

# start: makes the command line from the number of CPUs and init's words.
# files: which of the plan's files it needs; packages: of Debian, beyond the usual.
Part = collections.namedtuple('Part', 'title start files packages needs_kvm smp')


def pv(cpus, words):
    return [f'{WORK}/pvrun', '-kernel', f'{WORK}/pv', '-initrd', f'{WORK}/initrd', '-m', str(MEMORY_MIB),
            '-smp', str(cpus), '-no-reboot', '-append', f'console=hvc0 loglevel=1 -- {words}']


def uml(_cpus, words):
    # UML keeps its memory in a file of TMPDIR, which it wants executable; it has one CPU.
    return ['env', 'TMPDIR=/dev/shm', 'linux.uml', f'mem={MEMORY_MIB}M', f'initrd={WORK}/initrd', 'con=null',
            'con0=null,fd:1', 'quiet', '--', *words.split()]


def tsc_khz():
    """A microvm has nothing that Linux could calibrate the time-stamp counter with; KVM gives the host's."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        mhz = next(line.split(':')[1] for line in file if line.startswith('cpu MHz'))
    return round(float(mhz) * 1000)


def kvm(kernel, options):
    def start(cpus, words):
        return ['qemu-system-x86_64', '-accel', 'kvm', '-cpu', 'EPYC', '-M', 'microvm,isa-serial=on', '-nodefaults',
                '-no-user-config', '-display', 'none', '-nic', 'none', '-no-reboot', '-m', str(MEMORY_MIB),
                '-smp', str(cpus), '-serial', 'stdio', '-kernel', f'{WORK}/{kernel}', '-initrd', f'{WORK}/initrd',
                '-append', f'console=ttyS0 {options.format(khz=tsc_khz())} -- {words}']
    return start


PARTS = {
    'pv': Part('Twinix PV', pv, ['pv', 'pvrun'], [], False, True),
    'uml': Part('User-Mode Linux', uml, [], ['user-mode-linux'], False, False),
    'kvm-linux': Part('Linux on KVM', kvm('linux', 'quiet tsc=reliable tsc_early_khz={khz}'), ['linux'], [], True, True),
    'kvm-twinix': Part('Twinix HVM on KVM', kvm('hvm', 'loglevel=1'), ['hvm'], [], True, True),
}
