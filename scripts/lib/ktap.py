# SPDX-License-Identifier: GPL-2.0-only
"""Reads KTAP (Documentation/dev-tools/ktap.rst in Linux), the format of every
test of ours: numbered results, nested by four spaces, with diagnostics.

A result with subtests only repeats what they said and is not counted, unless it
fails and none of them did. What a guest prints in between is kept as
diagnostics of the next result.
"""
import re
from typing import NamedTuple

# A console puts time stamps in front, and carriage returns behind.
PREFIX = re.compile(r'^(<\d>)?(\[ *\d+\.\d+\] ?)?')
PLAN = re.compile(r'^( *)1\.\.(\d+)( *#.*)?$')
RESULT = re.compile(r'^( *)(not ok|ok) (\d+)(?: -)? ?([^#]*)(?:# ?(.*))?$')
VERSION = re.compile(r'^ *(KTAP version 1|TAP version 1[34])$')
SUBTEST = re.compile(r'^( *)# Subtest: (.*)$')


class Result(NamedTuple):
    name: str           # with the names of what it is nested in: suite/case
    outcome: str        # 'passed', 'failed' or 'skipped'
    diagnostics: list   # lines that came before it


class Level:
    """A nesting level: its plan and how many results it has had."""
    def __init__(self):
        self.plan, self.seen, self.failed, self.leaves = None, 0, False, []


def outcome_of(word, directive):
    if directive and directive.upper().startswith('SKIP'):
        return 'skipped'
    return 'passed' if word == 'ok' else 'failed'


class Parser:
    """feed() takes lines and returns results; end() returns what is amiss."""

    def __init__(self):
        self.levels = {0: Level()}
        self.pending = {}
        self.diagnostics = []
        self.versions = 0

    def level(self, depth):
        return self.levels.setdefault(depth, Level())

    def feed(self, line):
        line = PREFIX.sub('', line.rstrip('\r\n'))
        plan, result = PLAN.match(line), RESULT.match(line)
        if plan:
            self.level(len(plan[1]) // 4).plan = int(plan[2])
        elif result:
            return self.result(len(result[1]) // 4, result)
        elif not VERSION.match(line) and not SUBTEST.match(line) and line.strip():
            self.diagnostics.append(line)
        return []

    def result(self, depth, match):
        name, outcome = match[4].strip(), outcome_of(match[2], match[5])
        level = self.level(depth)
        level.seen += 1
        below = self.levels.pop(depth + 1, None)
        leaves = self.finish(below, name, outcome) if below else []
        if not leaves or (outcome == 'failed' and all(leaf.outcome != 'failed' for leaf in leaves)):
            leaves = leaves + [Result(name, outcome, self.take_diagnostics())]
        if depth == 0:
            return leaves
        level.leaves += leaves
        return []

    def finish(self, level, name, outcome):
        """The results of a nested level that has ended."""
        leaves = [leaf._replace(name=f'{name}/{leaf.name}') for leaf in level.leaves]
        return leaves + self.missing(level, name)

    def missing(self, level, name):
        if level.plan is None or level.plan <= level.seen:
            return []
        return [Result(f'{name}: {level.plan - level.seen} of {level.plan} results missing', 'failed',
                       self.take_diagnostics())]

    def take_diagnostics(self):
        taken, self.diagnostics = self.diagnostics, []
        return taken

    def end(self, name):
        results = []
        for depth in sorted(self.levels, reverse=True):
            level = self.levels[depth]
            results += level.leaves + self.missing(level, name)
        if not self.levels[0].seen and not results:
            results.append(Result(f'{name}: no results', 'failed', self.take_diagnostics()))
        return results
