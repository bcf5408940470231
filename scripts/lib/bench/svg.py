# SPDX-License-Identifier: GPL-2.0-only
"""Bar charts as SVG, without any library: they go into a page that needs nothing else."""
import html
import math

COLOURS = ['#2b6cb0', '#c05621', '#2f855a', '#805ad5', '#718096']
LEFT, WIDTH, BAR, GAP, TOP = 250, 640, 13, 16, 34


def legend(series):
    x = LEFT
    for index, name in enumerate(series):
        yield f'<rect x="{x}" y="6" width="12" height="12" fill="{COLOURS[index]}"/>'
        yield f'<text x="{x + 17}" y="16">{html.escape(name)}</text>'
        x += 40 + 7.5 * len(name)


def scale_of(values):
    """Maps a value to a length on a logarithmic axis; and the powers of ten on it."""
    low = math.floor(math.log10(min(values + [1])))
    high = max(math.ceil(math.log10(max(values + [1]))), low + 1)

    def place(value):
        return WIDTH * (math.log10(value) - low) / (high - low)
    return place, [10.0 ** power for power in range(low, high + 1)]


def grid(place, marks, height, unit):
    for mark in marks:
        x = LEFT + place(mark)
        yield f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 20}" stroke="#ccd"/>'
        yield f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle" fill="#667">{mark:g}{unit}</text>'


def group(y, title, values, place, target, unit):
    """The bars of one row; @target is drawn as a line over the first."""
    height = BAR * len(values)
    yield f'<text x="{LEFT - 8}" y="{y + height / 2 + 4}" text-anchor="end">{html.escape(title)}</text>'
    for index, value in enumerate(values):
        if value is None or value <= 0:
            continue
        width, top = max(place(value), 1), y + index * BAR
        text = f'{value:,.2f}{unit}' if value < 100 else f'{value:,.0f}{unit}'
        yield f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR - 2}" fill="{COLOURS[index]}"/>'
        yield f'<text x="{LEFT + width + 4:.1f}" y="{top + 10}" font-size="10">{text}</text>'
    if target:
        x = LEFT + place(target)
        yield (f'<line x1="{x:.1f}" y1="{y - 3}" x2="{x:.1f}" y2="{y + BAR}" stroke="#c00" stroke-width="2">'
               f'<title>target {target}</title></line>')


def bars(series, rows, unit):
    """A chart: @series are names, @rows are (title, a value or None for each of them, target)."""
    values = [v for _, row, target in rows for v in [*row, target] if v]
    if not values:
        return ''
    place, marks = scale_of(values)
    step = BAR * len(series) + GAP
    height = TOP + step * len(rows) + 24
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 90} {height}" '
           'font-family="sans-serif" font-size="12">']
    out += legend(series)
    out += grid(place, marks, height, unit)
    for index, (title, row, target) in enumerate(rows):
        out += group(TOP + index * step, title, row, place, target, unit)
    return '\n'.join(out + ['</svg>'])
