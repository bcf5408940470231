# SPDX-License-Identifier: GPL-2.0-only
"""scripts/lib/ktap.py: what the verdict of every other test rests on."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'scripts/lib'))
import ktap     # noqa: E402


def outcomes(text):
    parser, results = ktap.Parser(), []
    for line in text.splitlines():
        results += parser.feed(line)
    return [(result.name, result.outcome) for result in results + parser.end('all')]


def test_flat_results():
    assert outcomes('1..3\nok 1 a\nnot ok 2 - b\nok 3 c # SKIP no disk') == [
        ('a', 'passed'), ('b', 'failed'), ('c', 'skipped')]


def test_nested_results_with_time_stamps():
    text = ('[    0.1] KTAP version 1\r\n[    0.1] 1..1\n'
            '[    0.2]     KTAP version 1\n[    0.2]     # Subtest: list\n[    0.2]     1..2\n'
            '[    0.2]     ok 1 add\nnoise\n[    0.2]     not ok 2 del\n[    0.3] not ok 1 list\n')
    assert outcomes(text) == [('list/add', 'passed'), ('list/del', 'failed')]


def test_a_failed_suite_without_a_failed_case_counts():
    assert outcomes('1..1\n    1..1\n    ok 1 a\nnot ok 1 suite') == [('suite/a', 'passed'), ('suite', 'failed')]


def test_missing_results_fail():
    assert outcomes('1..3\nok 1 a') == [('a', 'passed'), ('all: 2 of 3 results missing', 'failed')]
    assert outcomes('1..1\n    1..2\n    ok 1 a\n') == [
        ('a', 'passed'), ('all: 1 of 2 results missing', 'failed'), ('all: 1 of 1 results missing', 'failed')]
    assert outcomes('') == [('all: no results', 'failed')]


def test_diagnostics_belong_to_the_next_result():
    parser = ktap.Parser()
    parser.feed('# why')
    assert parser.feed('not ok 1 a')[0].diagnostics == ['# why']
    assert parser.feed('ok 2 b')[0].diagnostics == []
