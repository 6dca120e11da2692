"""The terminal: coloured, fitted to the width, wrapped, never cut. Data reaches Rich as Text, never as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import TextIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Boxes
from rich.text import Text
from rich.tree import Tree as Branches

from mesoref import values
from mesoref.render import plain
from mesoref.render.breaks import narrowed, words, wrapped
from mesoref.render.clean import line
from mesoref.render.device import coloured, width
from mesoref.render.grid import grid
from mesoref.views import Branch, Report, Table, Tree, View

THINNEST, NARROWEST = 12, 8
HEIGHT = 25
HEADING, LABELS, NOTE, DIM = "bold cyan", "bold", "cyan", "dim"


def write(view: View, stream: TextIO) -> None:
    """Write a view for a person at a terminal."""
    # With a width but no height Rich would look for both again, and trip over a `COLUMNS` that is no number.
    console = Console(file=stream, width=width(), height=HEIGHT, color_system="auto" if coloured(stream) else None,
                      highlight=False, markup=False, emoji=False, soft_wrap=False)
    for each in parts(view, console):
        console.print(each, soft_wrap=isinstance(each, Text) and bool(each.no_wrap))


def parts(view: View, console: Console) -> Iterable[RenderableType]:
    """A view as things that Rich can print."""
    match view:
        case Table():
            return table(view, console.width)
        case Tree():
            return [tree(view.root), Text(), closing(view.context.as_of)]
        case Report():
            return report(view)
        case _:
            return [text(each) for each in plain.lines_of(view)]


def text(said: str, style: str = "") -> Text:
    """Text of a base, harmless, in one style."""
    return Text(line(said), style=style)


def closing(as_of: str) -> RenderableType:
    """The line on medical advice."""
    return text(values.disclaimer(as_of), DIM)


def table(view: Table, width: int) -> list[RenderableType]:
    """A row a record; where the columns would get too thin, broken at hyphens, or else one record under another."""
    header = values.header(view)
    rows = [tuple(each or values.NOT_FOUND for each in row) for row in grid(view)[1]]
    count = f"{len(rows)} {view.kind.name if len(rows) == 1 else view.kind.plural}"
    key = values.key_of_column(view)
    below = [*([text(key, DIM)] if key else []), text(f"{count}. {values.disclaimer(view.context.as_of)}", DIM)]
    widths = fitted(header, rows, width, THINNEST, str.split)
    narrow = not widths
    if narrow:
        widths = fitted(header, rows, width, NARROWEST, words)
    if not widths:
        return [*stacked(header, rows, width), *below]
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= width else 1
    boxes = Boxes(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0), header_style=LABELS)
    for each, label, room in zip(view.columns, header, widths, strict=True):
        number = bool({int, float} & set(view.kind.fields[each].shape.scalar))
        boxes.add_column(_cell(label, room, narrow), justify="right" if number else "left", overflow="fold", width=room)
    for row in rows:
        boxes.add_row(*(_cell(each, room, narrow) for each, room in zip(row, widths, strict=True)))
    return [boxes, *below]


def _cell(said: str, columns: int, narrow: bool) -> Text:
    return Text("\n".join(narrowed(line(said), columns))) if narrow else text(said)


def fitted(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, thinnest: int,
           parts: Callable[[str], list[str]]) -> list[int]:
    """Widths of columns that break no part, the room given to those that need it most; empty if there is too little."""
    columns = list(zip(header, *rows, strict=True))
    most = [max(len(each) for each in column) for column in columns]
    widths = [max(*(len(word) for each in column for word in parts(each)), 1,
                  min(thinnest, max((len(each) for each in column[1:]), default=1))) for column in columns]
    room = width - sum(widths) - (len(widths) - 1)
    if room < 0:
        return []
    for _ in range(room - (len(widths) - 1)):
        if widths == most:
            break
        neediest = max(range(len(widths)), key=lambda i: most[i] / widths[i])
        widths[neediest] += 1
    return widths


def stacked(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[RenderableType]:
    """Each record as label and value, one under another."""
    label_width = min(max(len(each) for each in header), max(8, width // 3))
    out: list[RenderableType] = []
    for row in rows:
        for label, value in zip(header, row, strict=True):
            blocks = zip_longest(wrapped(line(label), label_width), wrapped(line(value), width - label_width - 1),
                                 fillvalue="")
            # An address that is longer than its column is the terminal's to wrap.
            out += [Text.assemble((name.ljust(label_width if words else 0), LABELS), " " if words else "", words,
                                  no_wrap=True) for name, words in blocks]
        out.append(Text())
    return out


def tree(branch: Branch) -> Branches:
    """A tree with guides."""
    root = Branches(_named(branch), guide_style=DIM)
    for bundle in branch.bundles:
        group = root.add(text(values.bundle_label(bundle), LABELS))
        group.children += map(tree, bundle.branches)
    return root


def _named(branch: Branch) -> Text:
    words = text(values.title_of(branch.line))
    words.append(f" ({line(branch.line.id)})", DIM)
    if branch.role:
        words.append(f" [{line(branch.role)}]", NOTE)
    if beside := values.beside(branch.line):
        words.append(f": {line(beside)}", DIM)
    return words


def report(view: Report) -> list[RenderableType]:
    """Headings with names and values."""
    out: list[RenderableType] = [text(view.title, HEADING)]
    for label, facts in view.sections:
        block = Boxes.grid(padding=(0, 2))
        block.add_column(overflow="fold")
        block.add_column(overflow="fold")
        for name, value in facts:
            block.add_row(text(name), text(value))
        out += [Text(), text(label, LABELS), Padding(block, (0, 0, 0, 2))]
    return out

