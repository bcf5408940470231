# SPDX-License-Identifier: GPL-2.0-only
"""The figures as tables in Markdown."""
from .operations import MACHINE, OPERATIONS
from .parts import PARTS


def number(value):
    """With as many digits as are worth reading."""
    if value is None:
        return '-'
    if value >= 100:
        return f'{value:,.0f}'
    return f'{value:.2f}' if value < 10 else f'{value:.1f}'


def times(value):
    return f'{value:.2f}x' if value < 100 else f'{value:,.0f}x'


def verdict(operation, run):
    """What was promised of the operation and what came of it."""
    said = []
    ratio = run.ratio('pv', operation.key)
    if operation.target and ratio is not None:
        said.append(f'{operation.target}x: {"met" if ratio <= operation.target else "MISSED"}')
    uml = run.ratio('uml', operation.key)
    if operation.ahead and uml is not None and ratio is not None:
        lead = uml / ratio
        said.append(f'UML takes {lead:.1f} times as many: {"met" if lead >= operation.ahead else "MISSED"}')
    return '; '.join(said)


def missed(run):
    """Keys of the operations of which more was promised."""
    return [row.key for row in OPERATIONS if 'MISSED' in verdict(row, run)]


def lines(rows):
    """Rows of cells as a Markdown table, the first one its head."""
    yield '| ' + ' | '.join(rows[0]) + ' |'
    yield '|---|' + '---:|' * (len(rows[0]) - 1)
    for row in rows[1:]:
        yield '| ' + ' | '.join(row) + ' |'


def operations(run, names, unit, scale, targets):
    """The operations: native, and each part with its ratio to the controls beside it."""
    head = [unit, 'native', *(PARTS[name].title for name in names)]
    rows = [head + ['target of Twinix PV'] if targets else head]
    for row in OPERATIONS:
        native = run.native(row.key)
        cells = [row.title, number(native * scale) if native else '-']
        for name in names:
            value, ratio = run.figures.get(name, {}).get(row.key), run.ratio(name, row.key)
            cells.append(f'{number(value * scale)} ({times(ratio)})' if ratio is not None else '-')
        rows.append(cells + [verdict(row, run)] if targets else cells)
    return list(lines(rows))


def machines(counted, timed, names):
    """The figures of whole machines. Times come from counting: they do not depend on the load."""
    rows = [['machine', *(PARTS[name].title for name in names)]]
    for row in MACHINE:
        cells = [row.title]
        for name in names:
            runs = [run for run in (counted, timed) if run and row.key in run.figures.get(name, {})]
            cells.append(number(runs[0].figures[name][row.key] * row.scale) if runs else '-')
        rows.append(cells)
    return list(lines(rows))


def drift(run):
    """How far the native controls lie apart: what a ratio may be wrong by."""
    spread = {row.key: run.spread(row.key) for row in OPERATIONS}
    worst = max(spread, key=spread.get)
    return (f'{len(run.controls)} native controls; they differ by {100 * sorted(spread.values())[len(spread) // 2]:.1f} % '
            f'(median of the operations), at most {100 * spread[worst]:.1f} % ({worst}).')


def failures(kind, run):
    return [f'- {kind}: {PARTS[name].title} failed: {why.splitlines()[0]}' for name, why in run.failed.items()]


def everything(counted, timed, names):
    """All tables, as lines."""
    out = []
    if counted:
        out += operations(counted, names, 'instructions', 1, True) + ['', drift(counted), '']
    if timed:
        scale = 1 / (timed.native('ticks_per_ns') or 1)
        out += operations(timed, names, 'ns (under TCG)', scale, False) + ['', drift(timed), '']
    out += machines(counted, timed, names)
    return out + ['', *(failures('instructions', counted) if counted else []),
                  *(failures('time', timed) if timed else [])]
