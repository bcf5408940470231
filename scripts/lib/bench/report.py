# SPDX-License-Identifier: GPL-2.0-only
"""The figures as one page that needs no other file and no network."""
import html
import re

from . import svg, table
from .operations import MACHINE, OPERATIONS
from .parts import PARTS

STYLE = '''body{font:15px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#223}
table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #ccd;padding:.25em .7em;text-align:right}
td:first-child,th:first-child{text-align:left}th{background:#eef}.missed{color:#c00;font-weight:bold}
.met{color:#060}svg{width:100%;height:auto}pre{background:#f4f4f8;padding:1em;overflow:auto}'''


def cell(text, tag):
    shown = re.sub('MISSED', '<span class="missed">missed</span>', html.escape(text))
    return f'<{tag}>' + re.sub(r'\bmet\b', '<span class="met">met</span>', shown) + f'</{tag}>'


def table_html(rows):
    """A table of table.lines() as HTML."""
    cells = [row[2:-2].split(' | ') for row in rows if not row.startswith('|---')]
    out = ['<table>', '<tr>' + ''.join(cell(text, 'th') for text in cells[0]) + '</tr>']
    out += ['<tr>' + ''.join(cell(text, 'td') for text in row) + '</tr>' for row in cells[1:]]
    return '\n'.join(out + ['</table>'])


def ratios(run, names, targets):
    rows = [(row.title, [run.ratio(name, row.key) for name in names], row.target if targets else None)
            for row in OPERATIONS]
    return svg.bars([PARTS[name].title for name in names], rows, 'x')


def machine_charts(counted, timed, names):
    for row in MACHINE:
        values = []
        for name in names:
            runs = [run for run in (counted, timed) if run and row.key in run.figures.get(name, {})]
            values.append(runs[0].figures[name][row.key] * row.scale if runs else None)
        if any(values):
            yield svg.bars([PARTS[name].title for name in names], [(row.title[:38], values, None)], '')


def sections(counted, timed, names):
    if counted:
        yield '<h2>Instructions, against native on the same host</h2>'
        yield '<p>A red line is the target of Twinix PV. The axis is logarithmic.</p>'
        yield ratios(counted, names, True)
        yield table_html(table.operations(counted, names, 'instructions', 1, True))
        yield f'<p>{table.drift(counted)}</p>'
    if timed:
        yield '<h2>Time, against native on the same host</h2>'
        yield '<p>Of an emulated processor, on a machine that does other work too: ratios below 2 are noise.</p>'
        yield ratios(timed, names, False)
        scale = 1 / (timed.native('ticks_per_ns') or 1)
        yield table_html(table.operations(timed, names, 'ns (under TCG)', scale, False))
        yield f'<p>{table.drift(timed)}</p>'
    yield '<h2>Whole machines</h2>'
    yield table_html(table.machines(counted, timed, names))
    yield from machine_charts(counted, timed, names)
    for kind, run in (('instructions', counted), ('time', timed)):
        for name, why in (run.failed if run else {}).items():
            yield f'<h3>{PARTS[name].title} failed ({kind})</h3><pre>{html.escape(why)}</pre>'


def page(counted, timed, names, conditions):
    """The whole page, as text."""
    about = ''.join(f'<tr><td>{html.escape(key)}</td><td>{html.escape(str(value))}</td></tr>'
                    for key, value in conditions.items())
    return '\n'.join(['<!DOCTYPE html>', '<html lang="en"><head><meta charset="utf-8">',
                      f'<title>Twinix benchmarks</title><style>{STYLE}</style></head><body>',
                      '<h1>Twinix benchmarks</h1>', f'<table>{about}</table>',
                      *sections(counted, timed, names), '</body></html>', ''])
