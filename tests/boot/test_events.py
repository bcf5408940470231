# SPDX-License-Identifier: GPL-2.0-only
"""What comes at any instruction: machine checks and NMIs, given by QEMU's monitor."""
import os
import pathlib
import re
import time

import pytest

from bare import Bare
from conftest import TOP

BUILD = pathlib.Path(os.environ.get('TWINIX_BUILD', TOP / 'build'))
KERNEL = BUILD / 'hvm/kernel.elf'
# Status bits: valid, uncorrected, enabled, misc and address valid; signalled; context corrupt.
VALID, UNCORRECTED, ENABLED, ADDRESS, SIGNALLED, CORRUPT = 1 << 63, 1 << 61, 1 << 60, 3 << 58, 1 << 56, 1 << 57


@pytest.fixture
def bare(tmp_path):
    started = []

    def start(*args, **kwargs):
        machine = Bare(KERNEL, tmp_path, *args, **kwargs)
        started.append(machine)
        assert machine.wait_for('running /init'), machine.log
        return machine

    yield start
    for machine in started:
        machine.close()


@pytest.mark.parametrize('append', ['mitigations=off', 'mitigations=all'])
def test_a_fatal_machine_check_is_a_panic_with_its_data(bare, append):
    machine = bare(2, append)
    status = VALID | UNCORRECTED | ENABLED | ADDRESS | CORRUPT | 0x134
    machine.command(f'mce 1 5 {status:#x} 0x4 0x12345678 0x8c')
    assert machine.wait_for('Call trace'), machine.log
    assert re.search(rf'machine check: bank 5 status {status:x} address 12345678 misc 8c, global status 4', machine.log), machine.log


@pytest.mark.parametrize('append', ['mitigations=off', 'mitigations=all'])
def test_a_machine_check_that_asks_for_nothing_is_logged(bare, append):
    """Uncorrected, but signalled without action required: twice, so that the first was cleared."""
    machine = bare(1, append)
    status = VALID | UNCORRECTED | ENABLED | ADDRESS | SIGNALLED | 0xc0
    for count in (1, 2):
        machine.command(f'mce 0 9 {status:#x} 0x5 0x{count}000 0x8c')
        said = f'CPU 0: machine check: bank 9 status {status:x} address {count}000 misc 8c'
        assert machine.wait_for(said), machine.log
        time.sleep(1)   # one that comes before the handler has ended is a shutdown of the CPU
    assert 'panic' not in machine.log


@pytest.mark.parametrize('cpus', [1, 2])
@pytest.mark.parametrize('append', ['mitigations=off', 'mitigations=all'])
def test_nmis_hit_any_instruction_and_none_is_lost(bare, cpus, append):
    """Two programs make system calls without end, so that most come on the way in or out."""
    machine = bare(cpus, append)
    for count in range(1, 201):
        machine.command('nmi')
        assert machine.wait_for('NMI at rip', count * cpus, 60), machine.log[-3000:]
    assert 'panic' not in machine.log
