"""Nodes of a document to checked bodies, by the declared types of their fields."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mesoref.notes import Mark, Notes, Place, article, mark_of, quoted
from mesoref.schema import Body, Choice, Date, Ref, Shape, Struct

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
NOTHING = frozenset(("", "~", "null"))
TEXT = (str,)

Path_ = tuple[str | int, ...]
"""Where a value stands in a record: keys and indexes."""


class Link(NamedTuple):
    """One mention of a record in another."""

    source: str
    kind: str
    target: str
    file: str
    mark: Mark


class Reading(NamedTuple):
    """How the value of a field is read: the method for one item, and the shape of the field that it is told.

    `place` is that of the field among those of its struct, in whose order the values of a body stand.
    """

    key: str
    place: int
    shape: Shape
    read: Callable[[Reader, Shape, Any], Any]


class Plan(NamedTuple):
    """How a struct is read: its fields by key, and those that it must have."""

    readings: dict[str, Reading]
    required: frozenset[str]


PLANS: dict[type[Struct], Plan] = {}


class Reader:
    """Reads the records of all files one by one, and keeps what they name.

    A node has `value` (a text, a list of nodes, a tuple of pairs of key node and value node, or None for an alias),
    `style` (empty unless a text is quoted) and `start_mark`.
    """

    def __init__(self, notes: Notes) -> None:
        self.notes, self.note = notes, notes.note
        self.links: list[Link] = []
        self.owner = ""

    def record(self, cls: type[Struct], id: str, node: Any) -> Body | None:
        """The body of a record; None where something that it needs is missing."""
        self.owner = id
        return self._struct(cls, node, given={"id": id})

    def _struct(self, cls: type[Struct], node: Any, given: Body | None = None) -> Body | None:
        if type(node.value) is not tuple:
            self.note(mark_of(node), "wrong-type", f"expected {article(cls.__name__.lower())} with keys such as "
                                                   f"{', '.join(f'`{each}`' for each in _keys_of(cls)[:3])}")
            return None
        values: Body = dict(given) if given else {}
        (readings, required), last, in_order = _plan(cls), -1, True
        for key, value in node.value:
            name = key.value
            reading = readings.get(name) if type(name) is str else None
            if reading is None or name in values:
                self._refuse(cls, node, key, given or {})
                continue
            _, place, shape, read = reading
            if place < last:
                in_order = False
            last = place
            if not shape.many:
                values[name] = read(self, shape, value)
            elif type(value.value) is list:
                values[name] = [read(self, shape, each) for each in value.value]
            else:
                values[name] = []
                self.note(mark_of(value), "wrong-type", f"`{name}` must be a list")
        if not required <= values.keys():
            owner = f"{cls.__name__.lower()} {quoted(self.owner)}" if given else article(cls.__name__.lower())
            for name in sorted(required - values.keys()):
                self.note(mark_of(node), "missing-field", f"{owner} needs `{name}` ({cls.fields[name].help})")
            return None
        return values if in_order else {name: values[name] for name in cls.fields if name in values}

    def _refuse(self, cls: type[Struct], node: Any, key: Any, given: Body) -> None:
        """Say why a key cannot stand where it stands."""
        mark, name = mark_of(key), key.value
        if not isinstance(name, str):
            return self.note(mark, "wrong-type", "a key must be text")
        first = next(each for each, _ in node.value if each.value == name)
        if first is not key:
            return self.note(mark, "duplicate-key",
                             f"key {quoted(name)} stands already in line {mark_of(first)[0] + 1}")
        if name in given:
            return self.note(mark, "unknown-key", f"`{name}` stands before the record, as its key")
        if name in cls.fields:
            return self.note(mark, "unknown-key", f"`{name}` is worked out from other records: take it out")
        return self.note(mark, "unknown-key", f"unknown key {quoted(name)}{self.notes.near(name, _keys_of(cls))}")

    def _item(self, shape: Shape, node: Any) -> Any:
        """A struct."""
        cls = shape.structs[0]
        if len(shape.structs) > 1 and type(node.value) is tuple:
            cls = shape.struct_of({key.value: None for key, _ in node.value if isinstance(key.value, str)})
        return self._struct(cls, node)

    def _scalar(self, shape: Shape, node: Any) -> Any:
        """A text, number, date or answer."""
        text = node.value
        if type(text) is not str:
            self.note(mark_of(node), "wrong-type", f"expected {_expected(shape)}, not a "
                                                   f"{'list' if isinstance(text, list) else 'mapping'}")
            return None
        if text in NOTHING and not node.style:
            self.note(mark_of(node), "wrong-type", f"expected {_expected(shape)}, found nothing: leave the key out "
                                                   "where nothing is known")
            return None
        marker = shape.marker
        if marker is None:
            if not text or text.isspace():
                self.note(mark_of(node), "wrong-type", f"expected {_expected(shape)}, found only blanks: leave the key "
                                                       "out where nothing is known")
            elif shape.scalar != TEXT:
                return self._number(shape, node)
        elif isinstance(marker, Ref):
            self.links.append(Link(self.owner, marker.kind, text, self.notes.file, mark_of(node)))
        elif isinstance(marker, Choice):
            if text not in marker.labels:
                near = self.notes.near(text, marker.labels)
                self.note(mark_of(node), "bad-value",
                          f"{quoted(text)} is not allowed{near}: one of {', '.join(marker.labels)}")
        elif isinstance(marker, Date):
            return self.date(node)
        elif not (text.isprintable() and re.fullmatch(marker.pattern, text, re.ASCII)):
            rule = "bad-url" if marker.prefix == "URL" else "bad-identifier"
            self.note(mark_of(node), rule, f"{quoted(text)} is no {marker.prefix}: it must match {marker.pattern}")
        return text

    def _number(self, shape: Shape, node: Any) -> bool | float | str | None:
        """A number, or an answer; where text may stand too, what is quoted or no number is text."""
        text: str = node.value
        if bool in shape.scalar:
            if text not in ("true", "false"):
                self.note(mark_of(node), "wrong-type", f"expected true or false, not {quoted(text)}")
            return text == "true"
        if len(text) <= 40 and not (node.style and str in shape.scalar):
            if INTEGER.fullmatch(text):
                return int(text)
            if float in shape.scalar and NUMBER.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
        if str in shape.scalar:
            return text
        self.note(mark_of(node), "wrong-type", f"expected {_expected(shape)}, not {quoted(text)}")
        return None

    def date(self, node: Any) -> str | None:
        """A date that may stop at the year or the month; None, and a problem, where it is none."""
        text = node.value
        if isinstance(text, str) and DATE.fullmatch(text):
            try:
                datetime.date.fromisoformat((text + "-01-01")[:10])
            except ValueError:
                pass
            else:
                return text
        self.note(mark_of(node), "wrong-type",
                  f"expected a date such as 2026, 2026-11 or 2026-11-23, not {quoted(text)}")
        return None


def _plan(cls: type[Struct]) -> Plan:
    if cls not in PLANS:
        readings = {key: Reading(key, place, field.shape, Reader._item if field.shape.structs else Reader._scalar)
                    for place, (key, field) in enumerate(cls.fields.items()) if not field.derived}
        PLANS[cls] = Plan(readings, frozenset(key for key, field in cls.fields.items() if field.required))
    return PLANS[cls]


def places_of(node: Any, place: Callable[[Mark], Place], path: Path_ = ()) -> Iterator[tuple[Path_, Place]]:
    """Where all in a sound record stands: a field where its key does, an item of a list where it begins."""
    parts = enumerate(node.value) if isinstance(node.value, list) else node.value
    for key, value in () if isinstance(parts, str) else parts:
        here = (*path, key if isinstance(key, int) else key.value)
        yield here, place(mark_of(value if isinstance(key, int) else key))
        yield from places_of(value, place, here)


def _keys_of(cls: type[Struct]) -> list[str]:
    return [k for k, each in cls.fields.items() if not each.derived and k != "id"]


def _expected(shape: Shape) -> str:
    if isinstance(shape.marker, Date):
        return "a date"
    if bool in shape.scalar:
        return "true or false"
    if int in shape.scalar:
        return "a number" if float in shape.scalar else "a whole number"
    return "text"
