# SPDX-License-Identifier: GPL-2.0-only
"""The figures there are, and what was promised of them."""
import collections

# key: mb's name of it; target: most times native that Twinix PV may take (instructions);
# ahead: times that User-Mode Linux should take as many as Twinix PV.
Operation = collections.namedtuple('Operation', 'key title target ahead', defaults=(None, None))
# unit: one for each of the runs, where it makes sense; native: whether native has it.
Whole = collections.namedtuple('Whole', 'key title unit scale')

OPERATIONS = [
    Operation('null_call', 'null call (getppid)', 2.5, 10),
    Operation('clock_gettime', 'clock_gettime by the C library'),
    Operation('clock_gettime_call', 'clock_gettime by system call'),
    Operation('signal_self', 'signal to self', 1.2),
    Operation('pipe_round_trip', 'pipe round trip', 1.3),
    Operation('context_switch', 'context switch (futex)'),
    Operation('fork_wait', 'fork + wait', 1.5, 10),
    Operation('fork_exec_wait', 'fork + exec + wait', 1.5),
    Operation('page_fault', 'page fault, 4 KiB', 1.8, 10),
    Operation('map_touch_unmap', 'mmap + touch + munmap', 1.5),
    Operation('file_read_4k', 'read 4 KiB from the page cache'),
    Operation('console_kib', 'console output, 1 KiB'),
]

# Of a machine as a whole. Native has none of them.
MACHINE = [
    Whole('boot_ns', 'launcher started to first program, ms', 'ms', 1e-6),
    Whole('up', 'the same by the clock of the guest, ms', 'ms', 1e-6),
    Whole('memory_used_kib', 'memory used of 128 MiB, seen in the guest, KiB', 'KiB', 1),
    Whole('memory_host_kib', 'memory the host has given, launcher included, KiB', 'KiB', 1),
    Whole('idle_cpu_1', 'idle, 1 CPU: CPU time in a second, µs', 'µs', 1),
    Whole('idle_switches_1', 'idle, 1 CPU: wake-ups in a second', '/s', 1),
    Whole('idle_cpu_2', 'idle, 2 CPUs: CPU time in a second, µs', 'µs', 1),
    Whole('idle_switches_2', 'idle, 2 CPUs: wake-ups in a second', '/s', 1),
]

TITLES = {row.key: row.title for row in OPERATIONS + MACHINE}
