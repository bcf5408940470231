# SPDX-License-Identifier: GPL-2.0-only
"""Runs the parts in a booted host and collects their figures.

All parts of a run share one boot. If the host dies, the part that was being measured
has failed, and the others get a new boot.
"""
import json
import statistics
import subprocess

from . import build, parts

SECONDS = {True: 1800, False: 900}   # the longest a part may take: counting or not


class Run:
    """The figures of one run: counted instructions, or time."""

    def __init__(self):
        self.figures = {}       # part -> figure -> value
        self.before = {}        # part -> number of the control before it
        self.controls = []      # figure -> value, for each control of all boots
        self.failed = {}        # part -> why
        self.done = set()

    def base(self, part, figure):
        """Native: the mean of the control before the part and of the one after it."""
        number = self.before[part]
        values = [c[figure] for c in self.controls[number:number + 2] if figure in c]
        return statistics.mean(values) if values else None

    def ratio(self, part, figure):
        """A part's figure over native's, or None."""
        value = self.figures.get(part, {}).get(figure)
        base = self.base(part, figure) if part in self.before else None
        return value / base if value is not None and base else None

    def native(self, figure):
        """Native over all controls."""
        values = [c[figure] for c in self.controls if figure in c]
        return statistics.mean(values) if values else None

    def spread(self, figure):
        """How far the controls lie apart, in parts of the smallest."""
        values = [c[figure] for c in self.controls if figure in c]
        return max(values) / min(values) - 1 if values else 0.0

    def take(self, event):
        """One event of inside.py."""
        part = event.get('part')
        if event.get('event') == 'control':
            self.controls.append({})
        elif event.get('event') == 'begin':
            self.before[part] = len(self.controls) - 1
            self.figures[part] = {}
        elif event.get('event') == 'failed':
            self.failed[part] = event['why']
        elif event.get('event') == 'end':
            self.done.add(part)
        elif part == 'native':
            self.controls[-1][event['figure']] = event['value']
        elif part:
            self.figures[part][event['figure']] = event['value']


def plan(names, files, counted, quick):
    """Writes what inside.py is to do; returns the file."""
    path = build.BUILD / 'bench/plan.json'
    path.write_text(json.dumps({'parts': names, 'files': files, 'counted': counted, 'quick': quick,
                                'timeout': SECONDS[counted]}))
    return path


def command(kernel, counted, options, path):
    """scripts/host's command line. One CPU, so that nothing of the host's escapes the count."""
    host = [str(build.TOP / 'scripts/host'), 'boot', '--kernel', kernel, '--cpu', options.cpu, '--cpus', '1',
            '--mem', '1536', '--log', str(build.BUILD / 'bench/host.log')]
    if counted:
        host.append('--icount')
    if options.append:
        host += ['--append', options.append]
    return host + ['-c', f'/usr/bin/python3 {build.HERE}/inside.py {path}']


def boot(run, names, say, argv):
    """One boot of the host for the parts @names. Returns the part during which it ended."""
    now = 'the boot'
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          errors='replace') as process:
        for line in process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                say(f'the host says: {line.rstrip()}')
                continue
            run.take(event)
            now = {'begin': event.get('part'), 'control': 'native', 'done': None}.get(event.get('event'), now)
            if event.get('event') in ('begin', 'control'):
                say(f'{parts.PARTS[now].title} ({names.index(now) + 1}/{len(names)})' if now in names else 'native')
    return now


def blame(run, left, ended_in):
    """The host has ended too early: says whose fault that is. Returns what can still be measured."""
    rest = [name for name in left if name not in run.done and name not in run.failed]
    if ended_in in rest:
        run.failed[ended_in] = f'the host ended while it ran (its log: {build.BUILD}/bench/host.log)'
        return rest[rest.index(ended_in) + 1:]
    for name in rest:
        run.failed[name] = f'the host does not come so far (its log: {build.BUILD}/bench/host.log)'
    return []


def measure(names, kernel, files, counted, options, progress):
    """One run over all parts. Returns its Run."""
    kind = 'instructions' if counted else 'time'
    run, left, told = Run(), list(names), set()
    while left:
        progress.say(f'{kind}: booting the host')
        ended_in = boot(run, left, lambda text: progress.say(f'{kind}: {text}'),
                        command(kernel, counted, options, plan(left, files, counted, options.quick)))
        left = blame(run, left, ended_in) if ended_in else []
        for name in run.failed.keys() - told:
            progress.note(f'{kind}: {name} failed: {run.failed[name]}')
        told |= run.failed.keys()
    return run
