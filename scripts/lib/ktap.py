# SPDX-License-Identifier: GPL-2.0-only
"""Reads KTAP, the format of every test of ours, with Linux's own parser: the one of
tools/testing/kunit/kunit.py, which "scripts/host parser" takes from Debian's package
of the Linux source. What is here feeds it, shows what it says, and counts.
"""
import io
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

HOST = pathlib.Path(__file__).resolve().parents[1] / 'host'
VERSION = re.compile(r'\s*(KTAP version \d+|TAP version \d+|# Subtest: .*)$')
PLAN = re.compile(r'\s*1\.\.\d+')
RESULT = re.compile(r'\s*(not ok|ok) \d+ ')
FAILURE = re.compile(r'[#\s]*not ok \d+ (?!.*# (SKIP|TODO))')
# The last words of a kernel under kunit.py end the parser's input; here others come after it.
END = re.compile(r'(List of all partitions:|Kernel panic - not syncing: VFS:|reboot: System halted)')
# Linux's kselftest nests by "# ", which says nothing to a parser that nests by blanks.
NESTED = re.compile(r'^(?:# )+(?=TAP version|KTAP version|1\.\.\d|ok \d|not ok \d)')


class Result(NamedTuple):
    name: str       # with the names of what it is nested in: suite/case
    outcome: str    # 'passed', 'failed' or 'skipped'


def kunit_parser():
    """Linux's module of that name."""
    if 'kunit_parser' not in sys.modules:
        found = subprocess.run([HOST, 'parser'], stdout=subprocess.PIPE, text=True, check=False)
        if found.returncode:
            sys.exit(found.returncode)
        sys.dont_write_bytecode = True
        sys.path.insert(0, found.stdout.strip())
    import kunit_parser as module   # pylint: disable=import-outside-toplevel
    return module


def printer(show, verbose):
    """What the parser prints to: show() gets what a person wants to read of it."""
    from kunit_printer import Printer   # pylint: disable=import-outside-toplevel

    class Shown(Printer):
        """Passes on failures and what explains them, or everything."""
        said = ''

        def print_with_timestamp(self, message):
            passing = message.startswith(('[PASSED]', '=====', 'Testing complete', 'Failures:'))
            # A guest that died owes many results; the parser complains of each, without a name.
            repeated = message in (self.said, '[CRASHED] ')
            if message.startswith('[ERROR]'):
                self.said = message
            if verbose or not (passing or repeated):
                show(message)

    return Shown(io.StringIO())


class Feed:
    """The lines of a level on their way to the parser. A plan that comes after results,
    where only TAP allows it, would hold the parser for ever: it is taken out and counted."""

    def __init__(self, lines):
        self.lines = lines
        self.late_plans = 0
        self.kselftest = False

    def __iter__(self):
        plan_may_come = True
        for line in self.lines:
            line = line.rstrip('\r\n')
            self.kselftest = self.kselftest or line == 'TAP version 13'
            if self.kselftest:
                line = NESTED.sub(lambda match: len(match[0]) // 2 * '    ', line)
            if END.search(line):
                continue
            if VERSION.match(line):
                plan_may_come = True
            elif RESULT.match(line):
                plan_may_come = False
            elif PLAN.match(line):
                if not plan_may_come:
                    self.late_plans += 1
                    line = '# ' + line
                plan_may_come = False
            yield line
        # The parser may look at the last line once more: that must be no result.
        yield '# end'


def outcome_of(status):
    return {'SUCCESS': 'passed', 'SKIPPED': 'skipped'}.get(status.name, 'failed')


def leaves(test, path=''):
    """The results without subtests, and those that failed though none of theirs did."""
    own = test.name.strip() or '(missing)'
    name = f'{path}/{own}' if path else own
    found = [leaf for subtest in test.subtests for leaf in leaves(subtest, name)]
    outcome = outcome_of(test.status)
    if not found or (outcome == 'failed' and all(leaf.outcome != 'failed' for leaf in found)):
        found.append(Result(name, outcome))
    return found


def read(lines, show=print, verbose=False):
    """Parses the lines of a level as they come; returns its results."""
    module, feed = kunit_parser(), Feed(lines)
    module.stdout = printer(show, verbose)
    main = module.parse_run_tests(iter(feed))
    results = [leaf for test in main.subtests for leaf in leaves(test)]
    if not results:
        results.append(Result('no results', 'failed'))
    if feed.late_plans:
        results.append(Result('a plan (1..N) after results', 'failed'))
    if main.counts.errors and all(result.outcome != 'failed' for result in results):
        results.append(Result(f'{main.counts.errors} errors in the KTAP', 'failed'))
    return results
