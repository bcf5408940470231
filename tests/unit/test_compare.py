# SPDX-License-Identifier: GPL-2.0-only
"""tests/guest/native/compare: a difference from Linux is a failure unless it is listed, and true."""
import pathlib
import subprocess

import pytest

COMPARE = pathlib.Path(__file__).resolve().parents[1] / 'guest/native/compare'


@pytest.fixture(name='verdicts')
def make_verdicts(tmp_path):
    def verdicts(differences='', commands=None, **changed):
        """{test: line} for tests a.b and a.c, all well but for changed={MODE_CPUS: text}."""
        for mode in ('native', 'hvm', 'pv'):
            for cpus in '12':
                text = changed.get(f'{mode}_{cpus}', 'KTAP version 1\n1..2\nok 1 a.b\nok 2 a.c # SKIP one CPU\n')
                (tmp_path / f'{mode}-{cpus}').write_text(text)
            (tmp_path / f'{mode}-commands').write_text((commands or {}).get(mode, 'x\nend\n'))
        for name, text in changed.items():
            if name.startswith('again_'):
                (tmp_path / name.replace('_', '-')).write_text(text)
        (tmp_path / 'differences').write_text(differences)
        made = subprocess.run([COMPARE, tmp_path / 'differences', tmp_path], input='a.b\na.c\n', text=True,
                              stdout=subprocess.PIPE, check=False)
        lines = [line for line in made.stdout.splitlines() if line.startswith(('ok', 'not ok'))]
        assert (made.returncode != 0) == any(line.startswith('not') for line in lines)
        return {line.split('ok ')[1].split()[1]: line for line in lines}

    return verdicts


FAILS = '1..2\n# x.c:3: wrong\nnot ok 1 a.b\nok 2 a.c # SKIP one CPU\n'


def failed(lines):
    return sorted(name for name, line in lines.items() if line.startswith('not ok'))


def test_all_the_same(verdicts):
    assert failed(verdicts()) == []


def test_a_guest_that_fails(verdicts):
    assert failed(verdicts(pv_2=FAILS)) == ['a.b']


def test_linux_that_fails(verdicts):
    assert failed(verdicts(native_1=FAILS)) == ['a.b']


def test_the_same_failure_everywhere_is_one(verdicts):
    assert failed(verdicts(native_1=FAILS, hvm_1=FAILS, pv_1=FAILS)) == ['a.b']


def test_another_reason_to_skip(verdicts):
    assert failed(verdicts(hvm_1='ok 1 a.b\nok 2 a.c # SKIP no disk\n')) == ['a.c']


def test_no_result(verdicts):
    assert failed(verdicts(hvm_1='ok 1 a.b\n')) == ['a.c']


def test_a_listed_difference(verdicts):
    lines = verdicts('a.b native fail because\n', native_1=FAILS, native_2=FAILS)
    assert failed(lines) == [] and lines['a.b'].endswith('# SKIP native: because')


def test_a_listed_difference_that_is_gone(verdicts):
    assert failed(verdicts('a.b native fail because\n', native_1=FAILS)) == ['a.b']


def test_a_listed_test_that_is_gone(verdicts):
    assert failed(verdicts('a.z native fail because\n')) == ['differences.are_of_tests_that_exist']


def test_the_second_run_counts(verdicts):
    assert failed(verdicts(pv_2=FAILS, again_pv_2='ok 1 a.b\n')) == []


def test_printed_lines(verdicts):
    assert failed(verdicts(commands={'pv': 'y\nend\n'})) == ['commands.pv']
    assert failed(verdicts(commands={'native': 'x\nstatus 124\n'})) == ['commands.hvm', 'commands.pv']
