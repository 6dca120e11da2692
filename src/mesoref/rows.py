"""What of a record goes into the tables of a compiled base: names, facets, links and texts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesoref.fold import fold
from mesoref.schema import Body, Date, Field, Kind, Shape, Struct, linking

ID, TITLE, ALIAS, IDENTIFIER = range(4)
"""The ranks of a name: the lower, the sooner it means the record."""
_PICKED_BY: dict[str, list[tuple[str, Shape, bool]]] = {}


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
            shown.append(f"{text} {field.label.lower()}" if int in inner.scalar and key != "year" else text)
    return ", ".join(shown)


def names_of(kind: Kind, body: Body) -> Iterator[tuple[str, int]]:
    """The folded names by which a record is found, with their ranks."""
    yield fold(body["id"]), ID
    yield fold(str(body[kind.title])), TITLE
    for field in kind.fields.values():
        scheme = field.shape.scheme
        for each in field.items(body) if field.finds or scheme else ():
            if field.finds:
                yield fold(each), ALIAS
            elif scheme and scheme.prefix != "URL":
                yield fold(each), IDENTIFIER
                yield fold(scheme.prefix + each), IDENTIFIER


def facets_of(kind: Kind, body: Body) -> Iterator[tuple[str, str]]:
    """Field and value of all that records can be picked by, the id apart.

    A flag that is not set is false; a day is also its month and its year.
    """
    for key, shape, flag in _picked_by(kind):
        value = body.get(key)
        for each in (False,) * flag if value is None else value if isinstance(value, list) else (value,):
            picked = shape.lead_of(each)[1] if shape.structs else each
            text = str(picked).lower() if isinstance(picked, bool) else str(picked)
            yield key, text
            if isinstance(shape.leading.marker, Date):
                yield from ((key, text[:end]) for end in (4, 7) if end < len(text))


def _picked_by(kind: Kind) -> list[tuple[str, Shape, bool]]:
    """The fields that records of a kind can be picked by, the id apart; each with whether it is a flag."""
    if kind.name not in _PICKED_BY:
        _PICKED_BY[kind.name] = [(key, each.shape, each.annotation is bool) for key, each in kind.fields.items()
                                 if key != "id" and each.shape.pickable]
    return _PICKED_BY[kind.name]


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
    for key, field in kind.fields.items():
        if field.search:
            for index, value in enumerate(field.items(body)):
                yield field.search, key, index, "; ".join(_strings(field, value, titles))


def _strings(field: Field, value: Any, titles: Mapping[str, str]) -> list[str]:
    if isinstance(value, str):
        return [titles.get(value, value) if field.shape.ref else value]
    if not isinstance(value, dict):
        return []
    return [string for key, inner in field.shape.struct_of(value).fields.items() if not inner.tail and key in value
            for each in inner.items(value) for string in _strings(inner, each, titles)]
