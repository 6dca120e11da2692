"""What of a record goes into the tables of a compiled base: names, facets, links and texts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesoref.fold import fold
from mesoref.frozen import Frozen
from mesoref.schema import Body, Date, Field, Kind, Shape, Struct, linking

ID, TITLE, ALIAS, IDENTIFIER = range(4)
"""The ranks of a name: the lower, the sooner it means the record."""


class _Plan(Frozen):
    """What of a kind goes where.

    `names` are the fields by which a record is found, with the prefix of those that hold identifiers; `picked` those
    that it can be picked by, each with whether it is a flag and whether a day; `searched` those in the full-text index.
    """

    names: list[tuple[Field, str]]
    picked: list[tuple[str, Shape, bool, bool]]
    searched: list[tuple[str, Field]]

    @classmethod
    def of(cls, kind: Kind) -> _Plan:
        """The plan of a kind."""
        fields = kind.fields.items()
        return cls(
            [(each, scheme.prefix if scheme and not each.finds else "") for _, each in fields
             if ((scheme := each.shape.scheme) and scheme.prefix != "URL") or each.finds],
            [(key, each.shape, each.annotation is bool, isinstance(each.shape.leading.marker, Date))
             for key, each in fields if key != "id" and each.shape.pickable],
            [(key, each) for key, each in fields if each.search])


_PLANS: dict[str, _Plan] = {}
_SAID: dict[type[Struct], list[tuple[str, Field]]] = {}


def _plan(kind: Kind) -> _Plan:
    if kind.name not in _PLANS:
        _PLANS[kind.name] = _Plan.of(kind)
    return _PLANS[kind.name]


def _said(cls: type[Struct]) -> list[tuple[str, Field]]:
    if cls not in _SAID:
        _SAID[cls] = [(key, field) for key, field in cls.fields.items() if not field.tail]
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


def names_of(kind: Kind, body: Body) -> Iterator[tuple[str, int]]:
    """The folded names by which a record is found, with their ranks."""
    yield fold(body["id"]), ID
    yield fold(str(body[kind.title])), TITLE
    for field, prefix in _plan(kind).names:
        for each in field.items(body):
            yield fold(each), ALIAS if field.finds else IDENTIFIER
            if prefix:
                yield fold(prefix + each), IDENTIFIER


def facets_of(kind: Kind, body: Body) -> Iterator[tuple[str, str]]:
    """Field and value of all that records can be picked by, the id apart.

    A flag that is not set is false; a day is also its month and its year.
    """
    for key, shape, flag, day in _plan(kind).picked:
        value = body.get(key)
        for each in (False,) * flag if value is None else value if isinstance(value, list) else (value,):
            picked = shape.lead_of(each)[1] if shape.structs else each
            text = str(picked).lower() if isinstance(picked, bool) else str(picked)
            yield key, text
            if day:
                yield from ((key, text[:end]) for end in (4, 7) if end < len(text))


def links_of(cls: type[Struct], body: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, str, str]]:
    """Field, target and role of every mention, in the order of the fields; what a struct cites counts to its field."""
    role = str(body.get("role") or "")
    for name, shape in linking(cls):
        value = body.get(name)
        for each in () if value is None else value if isinstance(value, list) else (value,):
            if isinstance(each, str):
                yield key or name, each, role
            else:
                yield from links_of(shape.struct_of(each), each, key or name)


def texts_of(kind: Kind, body: Body, titles: Mapping[str, str]) -> Iterator[tuple[str, str, int, str]]:
    """What is searched in a record: part of the index, field, place in the field, text with links by their titles."""
    for key, field in _plan(kind).searched:
        for index, value in enumerate(field.items(body)):
            yield field.search, key, index, "; ".join(_strings(field, value, titles))


def _strings(field: Field, value: Any, titles: Mapping[str, str]) -> list[str]:
    if isinstance(value, str):
        return [titles.get(value, value) if field.shape.ref else value]
    if not isinstance(value, dict):
        return []
    return [string for key, inner in _said(field.shape.struct_of(value)) if key in value
            for each in inner.items(value) for string in _strings(inner, each, titles)]
