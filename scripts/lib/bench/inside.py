#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The part of scripts/bench that runs in the booted host. Usage: inside.py PLAN.

Measures each part of the plan, and native before and after it, and prints an event
in JSON a line.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from bench import parts     # noqa: E402  pylint: disable=wrong-import-position

MB = f'{parts.WORK}/mb'
CGROUP = pathlib.Path('/sys/fs/cgroup')


def emit(**event):
    print(json.dumps(event), flush=True)


class Trouble(Exception):
    """A part could not be measured."""


def figures_of(stream, tail):
    """The "@NAME VALUE" lines among what a console shows; the rest goes to @tail."""
    for line in stream:
        words = line.split()
        if len(words) == 2 and words[0].startswith('@'):
            try:
                yield words[0][1:], float(words[1])
                continue
            except ValueError:
                pass
        tail.append(line.rstrip())
        del tail[:-15]


def watched(command, name, timeout):
    """Runs a command under "mb watch" and emits its figures. Returns their names."""
    tail, seen = [], set()
    process = subprocess.Popen([MB, 'watch', *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, text=True, errors='replace')
    timer = threading.Timer(timeout, process.send_signal, [signal.SIGTERM])
    timer.start()
    for figure, value in figures_of(process.stdout, tail):
        seen.add(figure)
        if figure == 'memory_free_kib':
            figure, value = 'memory_used_kib', parts.MEMORY_MIB * 1024 - value
        if figure != 'end':
            emit(part=name, figure=figure, value=value)
    status = process.wait()
    expired = not timer.is_alive()
    timer.cancel()
    if status or 'console_kib' not in seen:
        why = f'no end after {timeout} s' if expired else f'status {status}'
        raise Trouble('\n'.join([why, *tail]))


def effort(plan):
    """mb's word for how much is done for a figure."""
    return 'quick' if plan['quick'] else 'run' if plan['counted'] else 'time'


def native(plan):
    """Native, as a control of the part before it and of the one after it."""
    emit(event='control')
    script = f'{MB} clock && {MB} {effort(plan)} && {MB} output {effort(plan)}'
    watched(['/bin/sh', '-c', script], 'native', plan['timeout'])


def read_stat(path):
    return {key: int(value) for key, value in (line.split() for line in path.read_text().splitlines())}


def switches(group):
    """How often the threads of a control group gave up a CPU or lost it."""
    total = 0
    for thread in (group / 'cgroup.threads').read_text().split():
        for line in pathlib.Path(f'/proc/{thread}/status').read_text().splitlines():
            if line.startswith(('voluntary_ctxt', 'nonvoluntary_ctxt')):
                total += int(line.split()[1])
    return total


def measure_idle(name, group, cpus, seconds):
    """A machine that has nothing to do: what it takes of the host all the same."""
    time.sleep(2)
    cpu, woken, start = read_stat(group / 'cpu.stat')['usage_usec'], switches(group), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - start
    cpu, woken = read_stat(group / 'cpu.stat')['usage_usec'] - cpu, switches(group) - woken
    emit(part=name, figure=f'idle_cpu_{cpus}', value=cpu / passed)
    emit(part=name, figure=f'idle_switches_{cpus}', value=woken / passed)
    if cpus == 1:
        memory = read_stat(group / 'memory.stat')
        emit(part=name, figure='memory_host_kib', value=sum(memory[k] for k in ('anon', 'shmem', 'kernel')) / 1024)


def idle(name, part, cpus, plan):
    """Starts a machine that stays idle, in a control group of its own."""
    group = CGROUP / f'bench-{name}-{cpus}'
    group.mkdir()
    enter = f'echo 0 >{group}/cgroup.procs; exec "$@"'
    process = subprocess.Popen(['/bin/sh', '-c', enter, '-', MB, 'watch', *part.start(cpus, 'idle')],
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, errors='replace')
    timer = threading.Timer(plan['timeout'], process.send_signal, [signal.SIGTERM])
    timer.start()
    try:
        if any(figure == 'idle' for figure, _ in figures_of(process.stdout, [])):
            measure_idle(name, group, cpus, 3 if plan['quick'] else 10)
        else:
            raise Trouble(f'no idle machine with {cpus} CPUs')
    finally:
        timer.cancel()
        (group / 'cgroup.kill').write_text('1')
        process.wait()


def measure_part(name, plan):
    part = parts.PARTS[name]
    emit(event='begin', part=name)
    try:
        if part.needs_kvm and not os.path.exists('/dev/kvm'):
            raise Trouble('the host has no /dev/kvm: this CPU model has no SVM')
        watched(part.start(1, f'{effort(plan)} + output {effort(plan)}'), name, plan['timeout'])
        if not plan['counted']:
            for cpus in (1, 2) if part.smp else (1,):
                idle(name, part, cpus, plan)
        emit(event='end', part=name)
    except Trouble as trouble:
        emit(event='failed', part=name, why=str(trouble))


def prepare(plan):
    os.makedirs(parts.WORK)
    for name, path in plan['files'].items():
        shutil.copy(path, f'{parts.WORK}/{name}')
    (CGROUP / 'cgroup.subtree_control').write_text('+memory')
    # What a launcher reads from 9p is in the page cache before its time is taken.
    for command in (['qemu-system-x86_64', '--version'], ['linux.uml', '--version']):
        if shutil.which(command[0]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def main():
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text())
    emit(event='start')
    prepare(plan)
    native(plan)
    for name in plan['parts']:
        measure_part(name, plan)
        native(plan)
    emit(event='done')


if __name__ == '__main__':
    main()
