# SPDX-License-Identifier: GPL-2.0-only
"""scripts/bench MODE...: modes of scripts/run beside figures of Linux that were measured
once, in its smallest configuration (tests/bench/linux-6.12.json)."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from . import build, table
from .operations import OPERATIONS

REFERENCE = build.TOP / 'tests/bench/linux-6.12.json'
TITLES = {'hvm': 'Twinix HVM', 'pv': 'Twinix PV', 'native': "PV's host, native"}


def measure(mode, cpu):
    """Runs mb in the guest; returns name -> instructions."""
    folder = build.BUILD / 'bench'
    subprocess.run(['make', '-s', '-C', build.TOP / 'tests/bench', f'O={folder}'], check=True, stdout=sys.stderr)
    with tempfile.TemporaryDirectory() as root:
        shutil.copy(folder / 'mb', root)
        made = subprocess.run([build.TOP / 'scripts/run', mode, '--cpus', '1', '--icount', '--files', root, '-c',
                               '/mb run'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False,
                              env={**os.environ, 'TWINIX_CPU': cpu})
    if made.returncode != 0:
        sys.exit(f'bench: {mode} ended with status {made.returncode}')
    return {words[0].lstrip('@'): float(words[1]) for words in map(str.split, made.stdout.splitlines())}


def rows(measured, reference):
    """A PV guest is compared with the host that it ran on, if that was measured; others
    with Linux 6.12."""
    yield ['instructions', 'Linux 6.12', *(TITLES[mode] for mode in measured)]
    for row in OPERATIONS:
        cells = [row.title, table.number(reference.get(row.key))]
        for mode, figures in measured.items():
            base = measured.get('native', reference) if mode == 'pv' else reference
            value = figures.get(row.key)
            ratio = f' ({value / base[row.key]:.2f}x)' if value and row.key in base and mode != 'native' else ''
            cells.append(table.number(value) + ratio)
        if any(cell != '-' for cell in cells[1:]):
            yield cells


def main(options):
    """Prints the table; ends the program if something is over the limit."""
    reference = json.loads(REFERENCE.read_text())
    measured = {mode: measure(mode, options.cpu) for mode in options.modes}
    print('\n'.join(table.lines(list(rows(measured, reference['instructions'])))))
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump({'reference': reference, 'measured': measured}, file, indent=1)
    slow = [f'{mode}: {key}' for mode, figures in measured.items()
            for key, base in reference['instructions'].items() if options.limit and figures[key] > options.limit * base]
    if slow:
        sys.exit('bench: over the limit: ' + '; '.join(slow))
