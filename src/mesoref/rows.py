"""What of a record goes into the tables of a compiled base: names, facets, links and texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesoref.fold import fold
from mesoref.frozen import Frozen
from mesoref.schema import Body, Date, Kind, Shape, Struct, items_of, linking

ID, TITLE, ALIAS, IDENTIFIER = range(4)
"""The ranks of a name: the lower, the sooner it means the record."""


class _Plan(Frozen):
    """What of a kind goes where.

    `names` are the keys of the fields by which a record is found, with the rank that they give and the prefix of those
    that hold identifiers; `picked` those that it can be picked by, each with whether it is a day; `searched` those in
    the full-text index, with the part of it.
    """

    names: list[tuple[str, int, str]]
    picked: list[tuple[str, Shape, bool]]
    searched: list[tuple[str, str, Shape]]

    @classmethod
    def of(cls, kind: Kind) -> _Plan:
        """The plan of a kind."""
        fields = kind.fields.items()
        return cls(
            [(key, ALIAS if each.finds else IDENTIFIER, scheme.prefix if scheme and not each.finds else "")
             for key, each in fields if ((scheme := each.shape.scheme) and scheme.prefix != "URL") or each.finds],
            [(key, each.shape, isinstance(each.shape.leading.marker, Date))
             for key, each in fields if key != "id" and each.shape.pickable],
            [(key, each.search, each.shape) for key, each in fields if each.search])


_PLANS: dict[str, _Plan] = {}
_SAID: dict[type[Struct], list[tuple[str, Shape]]] = {}


def _plan(kind: Kind) -> _Plan:
    if kind.name not in _PLANS:
        _PLANS[kind.name] = _Plan.of(kind)
    return _PLANS[kind.name]


def _said(cls: type[Struct]) -> list[tuple[str, Shape]]:
    if cls not in _SAID:
        _SAID[cls] = [(key, field.shape) for key, field in cls.fields.items() if not field.tail]
    return _SAID[cls]


def column_value(value: Any) -> Any:
    """What a single value is in a table: a sourced one without its sources."""
    return value.get("value") if isinstance(value, dict) else value


def brief(kind: Kind, body: Body) -> str:
    """What stands beside a record's title where another names it."""
    shown = []
    for key in kind.brief:
        value = column_value(body.get(key))
        if value is not None:
            field = kind.fields[key]
            inner = field.shape.leading
            text = inner.choice.labels[value] if inner.choice else str(value)
            if field.shape.structs and (undated := field.shape.structs[0].undated):
                text = f"{text} ({body[key].get('as_of') or undated})"
            shown.append(f"{text} {field.label.lower()}" if field.shape.structs and int in inner.scalar else text)
    return ", ".join(shown)


def names_of(kind: Kind, body: Body) -> list[tuple[str, int]]:
    """The folded names by which a record is found, with their ranks."""
    found = [(fold(body["id"]), ID), (fold(str(body[kind.title])), TITLE)]
    for key, rank, prefix in _plan(kind).names:
        for each in items_of(body.get(key)):
            found.append((fold(each), rank))
            if prefix:
                found.append((fold(prefix + each), IDENTIFIER))
    return found


def facets_of(kind: Kind, body: Body) -> list[tuple[str, str]]:
    """Field and value of all that records can be picked by, the id apart; a day is also its month and its year."""
    found = []
    for key, shape, day in _plan(kind).picked:
        for each in items_of(body.get(key)):
            value = shape.lead_of(each)[1] if shape.structs else each
            text = value if type(value) is str else str(value).lower()
            found.append((key, text))
            if day:
                found += [(key, text[:end]) for end in (4, 7) if end < len(text)]
    return found


def links_of(cls: type[Struct], body: Mapping[str, Any], key: str = "") -> list[tuple[str, str, str]]:
    """Field, target and role of every mention, in the order of the fields; what a struct cites counts to its field."""
    role = str(body.get("role") or "")
    found: list[tuple[str, str, str]] = []
    for name, shape in linking(cls):
        for each in items_of(body.get(name)):
            if type(each) is str:
                found.append((key or name, each, role))
            else:
                found += links_of(shape.struct_of(each), each, key or name)
    return found


def texts_of(kind: Kind, body: Body, titles: Mapping[str, str]) -> list[tuple[str, str, int, str]]:
    """What is searched in a record: part of the index, field, place in the field, text with links by their titles."""
    return [(part, key, index, "; ".join(_strings(shape, each, titles)))
            for key, part, shape in _plan(kind).searched for index, each in enumerate(items_of(body.get(key)))]


def _strings(shape: Shape, value: Any, titles: Mapping[str, str]) -> list[str]:
    if type(value) is str:
        return [titles.get(value, value) if shape.ref else value]
    if type(value) is not dict:
        return []
    return [string for key, inner in _said(shape.struct_of(value))
            for each in items_of(value.get(key)) for string in _strings(inner, each, titles)]
