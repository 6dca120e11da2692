"""The closed set of answers. A view holds what was asked and found, and nothing of how it will look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesoref.errors import Problem
from mesoref.frozen import Frozen
from mesoref.schema import Kind, Record
from mesoref.store import Line


class Piece(Frozen):
    """One value as text, with its sources: ids, the best level among them, how they were read, who says otherwise.

    `target` is the id of the record that it links to, `name` that record's title.
    """

    text: str
    refs: tuple[str, ...] = ()
    level: str = ""
    seen: str = ""
    against: tuple[str, ...] = ()
    target: str = ""
    name: str = ""
    url: str = ""


Cell = tuple[Piece, ...]


class Context(Frozen):
    """What a view's records name: titles of linked records, and the references that they cite."""

    as_of: str
    lines: Mapping[str, Line]
    references: Mapping[str, Record]


class Table(Frozen):
    """Records of one kind, one a row; where there are none, a hint at how they may be found."""

    context: Context
    kind: Kind
    columns: tuple[str, ...]
    records: tuple[Record, ...]
    hint: str = ""


class Hit(Frozen):
    """A record that a search found, with the text that answers best: its field, its parts and its sources."""

    line: Line
    key: str
    label: str
    passage: tuple[tuple[str, bool], ...]
    piece: Piece
    worth: float
    local: bool = False


class Hits(Frozen):
    """What a search found, the best first; `missing` are words that the base has not, with some that look like them."""

    context: Context
    query: str
    kind: Kind | None
    hits: tuple[Hit, ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Group(Frozen):
    """Records that name another one, under the kind that they are of.

    Where these are only the first, `more` is the command that lists all.
    """

    kind: Kind
    lines: tuple[Line, ...]
    more: str = ""


class Section(Frozen):
    """One field of a record under a heading; `key` is the field, or empty where the section is put together."""

    key: str
    label: str
    pieces: Cell = ()


class Profile(Frozen):
    """One record whole, or in plain words; `groups` are the records that name it."""

    record: Record
    sections: tuple[Section, ...]
    groups: tuple[Group, ...]


class Profiles(Frozen):
    """Records, each whole."""

    context: Context
    profiles: tuple[Profile, ...]
    lay: bool = False


class Row(Frozen):
    """A field of the records compared, and whether they all agree on it."""

    key: str
    label: str
    same: bool


class Comparison(Frozen):
    """Records of one kind side by side; unless `full`, what they link to stands there by its name alone."""

    context: Context
    kind: Kind
    records: tuple[Record, ...]
    rows: tuple[Row, ...]
    full: bool = False


class Branch(Frozen):
    """A record in a tree, the role in which it stands there, and what hangs on it."""

    line: Line
    role: str
    bundles: tuple[Bundle, ...]


class Bundle(Frozen):
    """Records of one kind that a record names in one field, or, if `incoming`, that name it in theirs.

    `field` and its `label` are empty where the fields do not matter, `branches` where records are only counted.
    """

    incoming: bool
    kind: Kind
    field: str
    label: str
    count: int
    branches: tuple[Branch, ...]


class Tree(Frozen):
    """What a record names and what names it."""

    context: Context
    root: Branch


class Bibliography(Frozen):
    """References to be cited."""

    context: Context
    references: tuple[Record, ...]


class Point(Frozen):
    """A mark in a chart: the group and row it stands in, its place on the axis, what it says and where that is from.

    `at` is a number on the scale or one of the columns, None where the base gives no place; `low` and `high` are the
    ends of its range, None where the base gives none. Such a number is in what the chart's `axis` names: months, or
    years with the part of them that has passed, so that 2019.5 is the middle of 2019; an end that is open is infinite.
    `looks` are the kinds of sign it is drawn with, one or several; `label` is what stands beside it, `said` what its
    sources say of it, and `data` all of it for machines.
    """

    group: str
    row: str
    detail: str
    at: float | str | None
    low: float | None
    high: float | None
    looks: tuple[str, ...]
    label: Cell
    said: Cell
    data: Mapping[str, Any]


class Chart(Frozen):
    """A picture of the base: points in the order of their groups and rows, in columns or, without any, on a scale.

    `axis` is what the scale counts in, `scale` where it begins and ends. `looks` are all the kinds of sign that such a
    chart can have, `key` is the heading over them, `header` says what group, row, detail, label and what is said are,
    `apart` is the group that is set apart, `notes` tell how to read it.
    """

    context: Context
    name: str
    title: str
    notes: tuple[str, ...]
    axis: str
    looks: tuple[str, ...]
    header: tuple[str, str, str, str, str]
    points: tuple[Point, ...]
    warning: str = ""
    scale: tuple[float, float] = (0, 1)
    columns: tuple[str, ...] = ()
    key: str = ""
    apart: str = ""


class Report(Frozen):
    """Facts about the program or a base: headings with names and values."""

    title: str
    as_of: str
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    command: str = "info"


class Problems(Frozen):
    """What is wrong with a base, and a hint at what may mend it."""

    problems: tuple[Problem, ...]
    records: int
    as_of: str
    hint: str = ""


class Document(Frozen):
    """A document that is JSON by nature, such as a schema."""

    content: dict[str, Any]
    as_of: str = ""


class Edition(Frozen):
    """A whole base, in the order of kinds and ids; `digest` is the hash of its sources."""

    context: Context
    version: str
    digest: str
    records: tuple[Record, ...]


class Chapter(Frozen):
    """A kind in a handbook: its list, and every record of it whole, in the order of the list."""

    table: Table
    profiles: tuple[Profile, ...]


class Handbook(Frozen):
    """A whole base, to be read as a book, in which at `most` so many records can be compared.

    Like an edition it is no answer to a question, so no common format writes it.
    """

    edition: Edition
    most: int
    chapters: tuple[Chapter, ...]
    charts: tuple[Chart, ...]


View = Table | Hits | Profiles | Comparison | Tree | Bibliography | Chart | Report | Problems | Document
