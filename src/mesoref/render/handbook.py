"""The handbook: a whole base as one page that stands alone, to be mailed, read on a phone and printed."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TextIO

from mesoref import values
from mesoref.fold import GREEK, SPELLINGS
from mesoref.frozen import Frozen
from mesoref.model import LEVELS
from mesoref.render.pages import environment, render
from mesoref.render.svg import picture
from mesoref.schema import Field, Kind, Record
from mesoref.views import Context, Group, Handbook, Piece, Profile

SCRIPT = "handbook.js"


class Passage(Frozen):
    """A field of a record: its pieces, each with the id of its footnote where it has one."""

    field: Field
    pieces: tuple[tuple[Piece, str], ...]


class Leaf(Frozen):
    """A record in the book: what is soon said, what takes sentences, and which records name it."""

    record: Record
    facts: tuple[Passage, ...]
    passages: tuple[Passage, ...]
    groups: tuple[Group, ...]


class Apparatus(values.Notes):
    """The footnotes of the book: a source has the number of its place in the list, and knows where it is cited."""

    def __init__(self, context: Context, sources: Sequence[Record]) -> None:
        super().__init__(context)
        self.numbers = {each.id: number for number, each in enumerate(sources, 1)}
        self.places: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._last = 0

    def anchor(self, ref: str) -> str:
        """The id that a source has on the page: its own."""
        return ref

    def place(self, piece: Piece, record: Record) -> str:
        """The id of a new footnote, under which its sources know it; empty where the piece has none."""
        if piece.target in self.numbers:
            self.places[piece.target][record.id].append(record.id)
        if not piece.refs:
            return ""
        self._last += 1
        for ref in (*piece.refs, *piece.against):
            self.places[ref][record.id].append(f"_{self._last}")
        return f"_{self._last}"


class Borrowed(values.Notes):
    """The footnotes of a picture in the book, with the numbers that the book gives."""

    def __init__(self, context: Context, book: Apparatus) -> None:
        super().__init__(context)
        self._book = book

    def number(self, ref: str) -> int:
        """The number of a reference in the book."""
        return self.numbers.setdefault(ref, self._book.number(ref))


def write_handbook(view: Handbook, stream: TextIO) -> None:
    """Write the book."""
    sources = [record for each in view.chapters if each.table.kind.citable for record in each.table.records]
    notes = Apparatus(view.edition.context, sources)
    leaves = {each.table.kind.name: [_leaf(profile, view.edition.context, notes) for profile in each.profiles]
              for each in view.chapters}
    loader = environment().loader
    assert loader
    script = loader.get_source(environment(), SCRIPT)[0].strip()
    stream.write(render(
        "handbook.html", book=view, edition=view.edition, leaves=leaves, notes=notes, levels=LEVELS, facts=_facts(view),
        script=script, seal=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(), heads=heads, cell=cell,
        number=int, pictures=[picture(each, Borrowed(each.context, notes)) for each in view.charts]))


def _leaf(profile: Profile, context: Context, notes: Apparatus) -> Leaf:
    """A record; the sources of plain facts are named once for all of them, at their end."""
    record = profile.record
    facts: list[Passage] = []
    passages: list[Passage] = []
    for section, pieces in values.filled(profile, context):
        field = record.fields[section.key]
        placed = tuple((each.replace(refs=()), "") if field.own else (each, notes.place(each, record))
                       for each in pieces)
        (facts if is_fact(field) else passages).append(Passage(field, placed))
    if own := record.data.get("refs"):
        piece = Piece("", tuple(own), min(context.references[each].data["level"] for each in own))
        facts.append(Passage(record.fields["refs"], ((piece, notes.place(piece, record)),)))
    return Leaf(record, tuple(facts), tuple(passages), profile.groups)


def is_fact(field: Field) -> bool:
    """Whether a field is said in a few words: a single value, or several out of a closed set or without sentences."""
    shape = field.shape
    return not shape.many or (not shape.structs and (shape.marker is not None or field.own))


def heads(kind: Kind) -> list[tuple[str, Field]]:
    """The columns of a kind's table in the book, its title first; what it is called by id stands under the title."""
    keys = dict.fromkeys((kind.title, *kind.columns))
    return [(key, kind.fields[key]) for key in keys if key != "id"]


def cell(record: Record, key: str, context: Context) -> tuple[Piece, ...]:
    """A field as it stands in the table."""
    return values.short(record, key, context)


def _facts(view: Handbook) -> dict[str, Any]:
    """What the script must know of the kinds: what it can sort and pick by, what is compared."""
    return {"most": view.most, "kinds": {each.table.kind.plural: _kind(each.table.kind) for each in view.chapters},
            "greek": GREEK, "spellings": (*SPELLINGS, ("'", ""), ("\u2019", ""))}


def _kind(kind: Kind) -> dict[str, Any]:
    compared = [(key, field.label if is_fact(field) else field.lay or field.label, values.is_plain(field))
                for key, field in kind.fields.items() if field.compared or key == "refs"]
    return {
        "name": kind.name,
        "columns": [{"key": key, "label": field.label} | _sorting(field) for key, field in heads(kind)],
        "compared": [] if kind.inline else compared,
    }


def _sorting(field: Field) -> dict[str, Any]:
    shape = field.shape.leading
    if shape.choice:
        return {"order": list(shape.choice.labels.values())}
    return {"number": True} if int in shape.scalar else {"pick": True} if shape.ref and not field.shape.many else {}
