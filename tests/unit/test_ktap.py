# SPDX-License-Identifier: GPL-2.0-only
"""scripts/lib/ktap.py: what the verdict of every other test rests on."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'scripts/lib'))
import ktap     # noqa: E402


def outcomes(text, shown=None, verbose=False):
    show = shown.append if shown is not None else lambda message: None
    return [tuple(result) for result in ktap.read(text.splitlines(), show, verbose)]


def failures(text):
    return [name for name, outcome in outcomes(text) if outcome == 'failed']


def test_the_parser_is_that_of_linux():
    assert ktap.kunit_parser().__file__.endswith('/kunit_parser.py')
    assert not ktap.kunit_parser().__file__.startswith(str(ktap.HOST.parents[1]))


def test_flat_results():
    assert outcomes('KTAP version 1\n1..3\nok 1 a\nnot ok 2 - b\nok 3 c # SKIP no disk') == [
        ('a', 'passed'), ('b', 'failed'), ('c', 'skipped')]


def test_nested_results_with_time_stamps():
    text = ('[    0.1] KTAP version 1\r\n[    0.1] 1..1\n'
            '[    0.2]     KTAP version 1\n[    0.2]     # Subtest: list\n[    0.2]     1..2\n'
            '[    0.2]     ok 1 add\n[    0.2] some noise\n[    0.2]     not ok 2 del\n[    0.3] not ok 1 list\n')
    assert outcomes(text) == [('list/add', 'passed'), ('list/del', 'failed')]


def test_results_after_the_end_of_a_kernel():
    text = ('KTAP version 1\n1..2\n    KTAP version 1\n    # Subtest: um\n    1..1\n    ok 1 a\n'
            '    reboot: System halted\nok 1 um\nok 2 more\n')
    assert outcomes(text) == [('um/a', 'passed'), ('more', 'passed')]


def test_kselftests_nest_with_number_signs():
    text = ('TAP version 13\n1..2\n# timeout set to 45\n# selftests: pvhost: abi\n# TAP version 13\n# 1..2\n'
            '# ok 1 a\n# # why\n# not ok 2 b\n# # Totals: pass:1 fail:1\nnot ok 1 selftests: pvhost: abi # exit=1\n'
            '# no results of its own\nok 2 selftests: pvhost: shell\n')
    assert outcomes(text) == [('selftests: pvhost: abi/a', 'passed'), ('selftests: pvhost: abi/b', 'failed'),
                              ('selftests: pvhost: shell', 'passed')]


def test_quoted_results_are_no_results():
    assert outcomes('KTAP version 1\n1..1\n# not ok 1 quoted\nok 1 a') == [('a', 'passed')]


def test_a_failed_suite_without_a_failed_case_counts():
    text = 'KTAP version 1\n1..1\n    # Subtest: suite\n    1..1\n    ok 1 a\nnot ok 1 suite'
    assert outcomes(text) == [('suite/a', 'passed'), ('suite', 'failed')]


def test_missing_results_fail():
    assert failures('KTAP version 1\n1..3\nok 1 a') == ['(missing)'] * 2
    nested = 'KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: suite\n    1..2\n    ok 1 a\n'
    assert 'suite/(missing)' in failures(nested)
    assert failures(nested + 'ok 1 suite\n') == ['suite/(missing)']
    assert failures('') == ['no results']
    assert failures('KTAP version 1\n1..0\n') != []


def test_a_wrong_number_fails():
    assert failures('KTAP version 1\n1..2\nok 1 a\nok 3 b') == ['1 errors in the KTAP']


def test_a_late_plan_fails_and_ends():
    assert failures('KTAP version 1\nok 1 a\n1..1\n') == ['a plan (1..N) after results']


def test_failures_are_shown_with_what_came_before():
    shown = []
    outcomes('KTAP version 1\n1..3\n# quiet\nok 1 a\n# why\nnot ok 2 b\nok 3 c # SKIP no disk', shown)
    assert shown == ['# why', '[FAILED] b', '[SKIPPED] c']


def test_everything_is_shown_when_asked_for():
    shown = []
    outcomes('KTAP version 1\n1..1\nok 1 a', shown, verbose=True)
    assert '[PASSED] a' in shown


def test_what_a_dead_guest_owes_is_shown_once():
    shown = []
    text = 'KTAP version 1\n1..1\n    # Subtest: s\n    1..4\n    ok 1 a\n# oops\nnot ok 1 s\n'
    assert len([outcome for _, outcome in outcomes(text, shown) if outcome == 'failed']) == 3
    assert shown.count('[ERROR] Test: s: missing expected subtest!') == 1 and '# oops' in shown
