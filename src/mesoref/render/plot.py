"""Charts at a terminal: signs in columns or along a scale, beside their words; shapes say all that colours say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from typing import Final, TextIO

from mesoref import values
from mesoref.render.breaks import NO_BREAK
from mesoref.render.clean import line
from mesoref.render.device import only_ascii, width
from mesoref.render.marks import groups, key, marked, open_ends, signs, ticks
from mesoref.render.prose import PLAIN, Line, Page, sources
from mesoref.views import Chart, Point

HUES: Final = dict.fromkeys("▷▶■", "\x1b[32m") | dict.fromkeys("×+‖", "\x1b[31m") | {"●": "\x1b[94m", "◆": "\x1b[35m"}
ASCII: Final = str.maketrans("●○◆▷▶■×‖□─═├┤┊·→", "*o#}>@x=s-=||:.>")
BESIDE: Final = {"timeline": 116, "survival": 76}
"""From which width on words stand beside the scale of a chart; where it is narrower they stand above and below."""
NAMES, GAP, LONGEST, DOTS_IN_A_ROW = 18, 2, 64, 7


def write(view: Chart, stream: TextIO) -> None:
    """Write a chart."""
    page, notes = Page(stream, width()), values.Notes(view.context)
    page.add(view.title, "heading")
    if view.warning:
        rule = "═" * page.columns
        page.lines.append(rule)
        page.add(f"Warning: {view.warning}", "label")
        page.lines.append(rule)
    for each in view.notes:
        page.add(each, "dim")
    legend = [f"{sign}{')' if sign == '(' else ''} {meaning}" for sign, meaning in key(view)]
    page.add()
    page.add(f"{f'{view.key}: ' if view.key else ''}{'   '.join(each.replace(' ', NO_BREAK) for each in legend)}")
    page.add()
    if view.columns:
        _lattice(page, view, notes)
    else:
        _scale(page, view, notes)
    if only_ascii(stream):
        page.lines = [each.translate(ASCII) for each in page.lines]
    sources(page, notes)
    page.add(values.disclaimer(view.context.as_of), "dim")
    stream.write("\n".join(page.lines).replace(NO_BREAK, " ") + "\n")


def _scale(page: Page, view: Chart, notes: values.Notes) -> None:
    """Rows along a scale, the words beside it where there is room."""
    beside = page.columns >= BESIDE[view.name]
    track = page.columns * 3 // 10 if beside else min(page.columns - 4, LONGEST)
    left = page.columns * 2 // 5 if beside else page.columns
    right = page.columns - left - track - 2 * GAP if beside else page.columns - 2
    for name, points in groups(view):
        if name == view.apart:
            page.lines.append("═" * page.columns)
        heading = page.wrap(line(name), left, style="heading")
        _put(page, [heading, [_ruler(view, track)]], (left, track), beside=beside)
        for point, again in points:
            rail = _rail(page, view, point, track)
            before, after = _words(page, view, point, notes, (left, right), again=again)
            _put(page, [before, [rail], after], (left, track, right), beside=beside)
            if not beside:
                page.add()
        if beside:
            page.add()


def _put(page: Page, blocks: Sequence[list[Line]], widths: Sequence[int], *, beside: bool) -> None:
    """Blocks beside each other, or all but the first under it, indented."""
    if beside:
        page.lines += _side_by_side(blocks, widths)
    else:
        page.lines += [f"{'  ' * (index > 0)}{each.shown}".rstrip() for index, block in enumerate(blocks)
                       for each in block]


def _side_by_side(blocks: Sequence[list[Line]], widths: Sequence[int], gap: int = GAP) -> Iterator[str]:
    for row in zip_longest(*blocks, fillvalue=Line("", "")):
        yield (" " * gap).join(each.shown + " " * (columns - len(each.text))
                               for each, columns in zip(row, widths, strict=True)).rstrip()


def _words(page: Page, view: Chart, point: Point, notes: values.Notes, widths: tuple[int, int], *,
           again: bool) -> tuple[list[Line], list[Line]]:
    """What stands before and after the scale."""
    before = [] if again else page.wrap(line(point.row), widths[0], style="label")
    if view.header[-1]:
        about = f"{point.detail}, {marked(point.label, notes)}"
        said = marked(point.said, notes)
        return before + page.wrap(line(about), widths[0], style="dim"), page.wrap(line(said), widths[1])
    before += page.wrap(line(point.detail), widths[0], style="dim")
    return before, [each for index, piece in enumerate(point.label)
                    for each in page.wrap(line(marked((piece,), notes)), widths[1], style="" if index else "label")]


def _place(view: Chart, value: float, columns: int) -> int:
    low, high = view.scale
    return round((min(value, high) - low) / (high - low) * (columns - 1))


def _ruler(view: Chart, columns: int) -> Line:
    """The numbers of a scale, each over its tick."""
    row = [" "] * columns
    for tick in ticks(view, columns // 6):
        word = str(tick)
        start = max(0, min(_place(view, tick, columns) - len(word) // 2, columns - len(word)))
        row[start:start + len(word)] = word
    return Line("".join(row), "".join(row))


def _rail(page: Page, view: Chart, point: Point, columns: int) -> Line:
    """A scale with the range and the signs of a point on it."""
    row = [" "] * columns
    for tick in ticks(view, columns // 6):
        row[_place(view, tick, columns)] = "┊"
    if not isinstance(point.at, float):
        return Line(text := "".join(row).rstrip(), page.paint(text, "dim"))
    at, drawn = _place(view, point.at, columns), signs(view, point)
    start = end = at
    if point.low is not None and point.high is not None:
        start, end = _place(view, point.low, columns), _place(view, point.high, columns)
        row[start:end + 1] = ["├", *"─" * (end - start - 1), "→" if math.isinf(point.high) else "┤"][:end - start + 1]
    if "(" in drawn:
        start, end = max(0, at - 1), min(columns - 1, at + 1)
        row[start], row[end] = "(", ")"
    before, after = open_ends(point)
    if before:
        start = max(0, at - 2)
        row[start:at] = "·" * (at - start)
    if after:
        end = min(columns - 1, at + 2)
        row[at + 1:end + 1] = "·" * (end - at)
    row[at] = drawn[0]
    before_it, it, after_it = "".join(row[:start]), "".join(row[start:end + 1]), "".join(row[end + 1:]).rstrip()
    if page.colour and drawn[0] in HUES:
        it = f"{HUES[drawn[0]]}{it}{PLAIN}"
    return Line("".join(row).rstrip(), page.paint(before_it, "dim") + it + page.paint(after_it, "dim"))


def _lattice(page: Page, view: Chart, notes: values.Notes) -> None:
    """Rows against columns; where they would get too thin, the columns of a row one under another."""
    rows = [_Row(view, row, tuple(points), notes) for row, points in groupby(view.points, key=lambda each: each.row)]
    least = [max(len(word) for text in (column, *(text for each in rows for text in each.cell(column)))
                 for word in text.split(" ")) for column in view.columns]
    spare = page.columns - sum(least) - len(least) - NAMES
    if spare < 0:
        return _stacked(page, view, rows)
    share = spare // (len(least) + 2)
    widths = [NAMES + 2 * share, *(each + share for each in least)]
    rule = "─" * (sum(widths) + len(least))
    blocks = [[], *(page.wrap(line(each), columns, style="label")
                    for each, columns in zip(view.columns, widths[1:], strict=True))]
    page.lines += [*_side_by_side(blocks, widths, 1), rule]
    for row in rows:
        blocks = [page.wrap(line(row.name), widths[0], style="label")
                  + page.wrap(line(row.reached), widths[0], style="dim")]
        blocks += [[each for text in row.cell(column) for each in page.wrap(line(text), columns)]
                   for column, columns in zip(view.columns, widths[1:], strict=True)]
        page.lines += [*_side_by_side(blocks, widths, 1), rule]
    return page.add()


class _Row:
    """A row against columns: the stage that it has reached, and for each column its signs and its words."""

    def __init__(self, view: Chart, name: str, points: Sequence[Point], notes: values.Notes) -> None:
        self.name = name
        last = view.looks[-1]
        self.reached = marked(tuple(each.label[-1] for each in points if last in each.looks), notes)
        self.cells = {each.at: ("".join(signs(view, each)), [
            marked((piece,), notes) for piece in (each.label[:-1] if last in each.looks else each.label)])
            for each in points}

    def cell(self, column: str) -> list[str]:
        """The texts of a column, one under another."""
        drawn, words = self.cells.get(column, ("", []))
        return [*(drawn[start:start + DOTS_IN_A_ROW] for start in range(0, len(drawn), DOTS_IN_A_ROW)), *words]


def _stacked(page: Page, view: Chart, rows: Sequence[_Row]) -> None:
    label = min(max(len(each) for each in view.columns), page.columns // 4)
    widths = (label, DOTS_IN_A_ROW + 1, page.columns - label - DOTS_IN_A_ROW - 3 - 2 * GAP)
    for row in rows:
        page.add(row.name, "label")
        page.add(row.reached, "dim", "  ")
        for column, (drawn, words) in row.cells.items():
            texts = (str(column), drawn, "; ".join(words))
            blocks = [page.wrap(line(text), columns) for text, columns in zip(texts, widths, strict=True)]
            page.lines += [f"  {each}" for each in _side_by_side(blocks, widths)]
        page.add()
