"""Records, comparisons and hits on a terminal: headings, hanging bullets, footnotes, columns where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TextIO

from mesoref import values
from mesoref.render.breaks import NO_BREAK, together, wrapped
from mesoref.render.clean import line
from mesoref.render.device import coloured, only_ascii, width
from mesoref.views import Bibliography, Cell, Comparison, Hits, Piece, Profile, Profiles

READABLE: Final = 100
COLUMN, LABEL, GAP = 34, 18, 2
STYLES: Final = {"heading": "\x1b[1;36m", "label": "\x1b[1m", "note": "\x1b[36m", "dim": "\x1b[2m"}
PLAIN: Final = "\x1b[0m"
Compared = list[tuple[str, str, tuple[tuple[tuple[Piece, bool], ...], ...]]]


class Line(NamedTuple):
    """A line of text, and the same as the terminal takes it."""

    text: str
    shown: str


class Page:
    """The lines of an answer, and how they may look."""

    def __init__(self, stream: TextIO, columns: int) -> None:
        self.colour = coloured(stream)
        self.bullet = "-" if only_ascii(stream) else "•"
        self.columns = columns
        self.lines: list[str] = []

    def paint(self, text: str, style: str) -> str:
        """Text in a style, if there are styles."""
        return f"{STYLES[style]}{text}{PLAIN}" if self.colour and text.strip() else text

    def add(self, text: str = "", style: str = "", indent: str = "") -> None:
        """Text in paragraphs of the page's width."""
        self.lines += [each.shown for each in self.wrap(line(text), self.columns, indent, indent, style)] or [""]

    def wrap(self, text: str, columns: int, first: str = "", rest: str = "", style: str = "") -> list[Line]:
        """Text cut into lines between words, or within a word, but for an address, that is longer than a line."""
        return [Line(each, self.paint(each, style) if style else each)
                for each in wrapped(text, columns, first, rest)]

    def piece(self, piece: Piece, notes: values.Notes, columns: int, bullet: str = "") -> list[Line]:
        """A piece behind its bullet, with its footnote."""
        mark = notes.mark(piece).replace(" ", NO_BREAK)
        hang = " " * (len(bullet) + 1) if bullet else ""
        text = f"{together(line(piece.text))} {mark}".rstrip()
        lines = self.wrap(text, columns, f"{bullet} " if bullet else "", hang)
        if mark and self.colour:
            lines = [each._replace(shown=each.text.replace(mark, self.paint(mark, "note"))) for each in lines]
        return lines

    def pieces(self, cell: Cell, notes: values.Notes, indent: str = "") -> None:
        """Pieces under each other; a single one needs no bullet."""
        for each in cell:
            bullet = self.bullet if len(cell) > 1 else ""
            self.lines += [indent + each.shown for each in
                           self.piece(each, notes, self.columns - len(indent), bullet)]


def write(view: Profiles | Comparison | Hits | Bibliography, stream: TextIO) -> None:
    """Write records, a comparison, hits or sources."""
    columns = width()
    page = Page(stream, columns if isinstance(view, Comparison | Bibliography) else min(columns, READABLE))
    notes = values.Notes(view.context)
    if isinstance(view, Bibliography):
        bibliography(page, view)
    elif isinstance(view, Hits):
        hits(page, view)
    elif isinstance(view, Profiles):
        for profile in view.profiles:
            record(page, profile, view, notes)
    else:
        comparison(page, view, notes)
    if isinstance(view, Profiles) and view.lay:
        short_sources(page, view, notes)
    else:
        sources(page, notes)
    if not isinstance(view, Bibliography):
        page.add(values.disclaimer(view.context.as_of), "dim")
    stream.write("\n".join(page.lines).replace(NO_BREAK, " ") + "\n")


def record(page: Page, profile: Profile, view: Profiles, notes: values.Notes) -> None:
    """A record under its title."""
    own = profile.record
    page.add(values.title_of(own), "heading")
    page.add(f"{own.kind.name} {own.id}{', local' if own.data.get('local') else ''}", "dim")
    if own.data.get("aliases"):
        page.add(f"Also called: {'; '.join(own.data['aliases'])}")
    for section, cell in values.filled(profile, view.context):
        page.add()
        if letter := values.level_of(own, section, cell):
            lines = page.wrap(line(f"{section.label}: {letter}"), page.columns)
            label = f"{section.label}:"
            page.lines += [each.shown.replace(label, page.paint(label, "label"), 1) for each in lines]
            continue
        page.add(section.label, "label")
        page.pieces(cell, notes, "  " if len(cell) == 1 else "")
    for group in profile.groups:
        page.add()
        page.add(values.group_label(group), "label")
        page.pieces(tuple(Piece(values.named(each)) for each in group.lines), notes)
    page.add()


def hits(page: Page, view: Hits) -> None:
    """Each hit with the text that answers, stars around what matched."""
    notes = values.Ids(view.context)
    for each in values.missing(view):
        page.add(each, "note")
    for hit in view.hits:
        page.add(values.title_of(hit.line), "heading")
        beside = values.beside(hit.line)
        page.add(f"{values.placed(hit)}{f': {beside}' if beside else ''}", "dim")
        page.pieces((hit.piece.replace(text=f"{hit.label}: {values.starred(hit)}"),), notes, "  ")
        page.add()


def bibliography(page: Page, view: Bibliography) -> None:
    """Sources by number, with blank lines between where they take several."""
    hang = " " * len(f"{len(view.references)}. ")
    for number, each in enumerate(view.references, 1):
        lines = page.wrap(line(values.vancouver(each)), page.columns, f"{number}. ".rjust(len(hang)), hang)
        page.lines += [*(each.shown for each in lines), *([""] if page.columns < READABLE else [])]


def comparison(page: Page, view: Comparison, notes: values.Notes) -> None:
    """Columns beside each other where they are wide enough, also for addresses; else one record under another."""
    count = len(view.records)
    column = (page.columns - LABEL - GAP * count) // count
    rows = list(values.compared(view))
    words = (word for _, _, cells in rows for cell in cells for piece, _ in cell for word in piece.text.split())
    if page.columns < LABEL + count * COLUMN or any("://" in each and len(each) > column for each in words):
        stacked(page, view, rows, notes)
    else:
        side_by_side(page, view, rows, notes, column)


def side_by_side(page: Page, view: Comparison, rows: Compared, notes: values.Notes, column: int) -> None:
    """A column a record."""
    count = len(view.records)
    rule = ("-" if page.bullet == "-" else "─") * (LABEL + count * (column + GAP))
    titles = [page.wrap(line(values.title_of(each)), column, style="heading") for each in view.records]
    page.lines += [*_beside([[], *titles], column), rule]
    for label, agreement, cells in rows:
        head = [*page.wrap(line(label), LABEL, style="label"),
                *page.wrap(agreement, LABEL, style="dim")]
        page.lines += [*_beside([head, *(_cell(page, each, notes, column) for each in cells)], column), rule]
    page.add("= stands in every record compared.", "dim")
    page.add()


def stacked(page: Page, view: Comparison, rows: Compared, notes: values.Notes) -> None:
    """One record under another."""
    page.add(values.compared_title(view), "heading")
    page.add()
    for label, agreement, cells in rows:
        page.add(f"{label}{f' ({agreement})' if agreement else ''}", "heading")
        for each, cell in zip(view.records, cells, strict=True):
            page.add(values.title_of(each), "label")
            page.lines += ["  " + each.shown for each in _cell(page, cell, notes, page.columns - 2)]
        page.add()
    page.add("= stands in every record compared.", "dim")
    page.add()


def _cell(page: Page, cell: Iterable[tuple[Piece, bool]], notes: values.Notes, columns: int) -> list[Line]:
    pieces = tuple(cell)
    if not pieces:
        return page.wrap(values.NOT_FOUND, columns, style="dim")
    lines = []
    for piece, shared in pieces:
        bullet = "=" if shared else page.bullet if len(pieces) > 1 else ""
        lines += page.piece(piece, notes, columns, bullet)
    return lines


def _beside(blocks: list[list[Line]], column: int) -> Iterator[str]:
    """Blocks of lines in columns, the first as wide as labels are."""
    widths = [LABEL, *[column] * (len(blocks) - 1)]
    for row in range(max(map(len, blocks))):
        shown = ""
        for block, columns in zip(blocks, widths, strict=True):
            each = block[row] if row < len(block) else Line("", "")
            shown += each.shown + " " * (columns + GAP - len(each.text))
        yield shown.rstrip()


def short_sources(page: Page, view: Profiles, notes: values.Notes) -> None:
    """The sources by title and id, so that a text for lay readers stays short, and what the marks mean."""
    if found := [(number, f"{reference.title.rstrip('.')} ({reference.id})") for number, reference in notes.sources()]:
        numbered(page, found)
        names = " ".join(each.record.id for each in view.profiles)
        page.add(f"With all figures: mesoref show {names}. The sources in full: mesoref cite {names}, or by the id "
                 f"behind a title. {values.short_key(notes)}", "dim")
        page.add()


def sources(page: Page, notes: values.Notes) -> None:
    """The sources by number, and the key to the levels."""
    if found := [(number, values.full_citation(reference)) for number, reference in notes.sources()]:
        numbered(page, found)
        page.add()
        page.add(values.key_of_levels(), "dim")
        page.add()


def numbered(page: Page, found: Sequence[tuple[int, str]]) -> None:
    """Sources under their heading, each behind its number."""
    page.add("Sources", "label")
    hang = len(f"[{found[-1][0]}] ")
    for number, text in found:
        mark = f"[{number}]".rjust(hang - 1)
        lines = page.wrap(line(text), page.columns, f"{mark} ", " " * hang)
        page.lines += [each.shown.replace(mark, page.paint(mark, "note"), 1) for each in lines[:1]]
        page.lines += [each.shown for each in lines[1:]]


