"""What every picture of a chart shares: its signs, its groups and the ticks of its scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from mesoref import values
from mesoref.render.breaks import together
from mesoref.views import Cell, Chart, Point

SIGNS: Final = {"pipeline": "●○◆", "timeline": "▷▶■●×+‖○□(", "survival": "●□"}
"""A sign for each look of a chart, in the order of its looks: told apart by shape, so that none needs its colour."""

STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def signs(view: Chart, point: Point) -> list[str]:
    """The signs of a point."""
    return [_sign(view, each) for each in point.looks]


def key(view: Chart) -> list[tuple[str, str]]:
    """The signs that a chart has, with what they mean."""
    used = {look for each in view.points for look in each.looks}
    return [(_sign(view, each), each) for each in view.looks if each in used]


def _sign(view: Chart, look: str) -> str:
    return SIGNS[view.name][view.looks.index(look) % len(SIGNS[view.name])]


def ticks(view: Chart, most: int) -> list[int]:
    """Round numbers along the scale, at most so many."""
    low, high = view.scale
    step = next((each for each in STEPS if (high - low) / each <= most), STEPS[-1])
    return list(range(math.ceil(low / step) * step, math.floor(high) + 1, step))


def groups(view: Chart) -> Iterator[tuple[str, list[tuple[Point, bool]]]]:
    """The groups of a chart with their points; each says whether it stands in the same row as the one before it."""
    for name, points in groupby(view.points, key=lambda each: each.group):
        found = list(points)
        yield name, [(each, index > 0 and found[index - 1].row == each.row) for index, each in enumerate(found)]


def open_ends(point: Point) -> tuple[bool, bool]:
    """Whether the left and the right end of a range are missing where the other one is known."""
    return point.low is None and point.high is not None, point.high is None and point.low is not None


def marked(cell: Cell, notes: values.Notes) -> str:
    """Pieces in one line, each with its footnote; blanks that must not break a line do not."""
    return together("; ".join(f"{each.text} {notes.mark(each)}".rstrip() for each in cell))
