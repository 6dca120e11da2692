"""A base laid out flat, as tables with keys: what the exports to SQL and to CSV share. Pure: bodies in, rows out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from mesoref.derive import SOURCE_KIND
from mesoref.frozen import Frozen
from mesoref.model import KINDS
from mesoref.schema import Body, Choice, Field, Kind, Shape, Struct

PLACE: Final = ("record", "field", "position")
"""Where a value stands: in which record, in which field, at which place in its list."""


class Column(Frozen):
    """A column: `type` is one of Table Schema, `target` the table whose key it holds; `bulk` repeats other columns."""

    name: str
    type: str
    help: str
    target: str = ""
    choice: Choice | None = None
    required: bool = False
    bulk: bool = False


class Sheet(Frozen):
    """A table; `search` are the columns that full text is asked in."""

    name: str
    help: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    search: tuple[str, ...] = ()


Row = tuple[Any, ...]
RECORDS, CITATIONS, LINKS = "records", "citations", "links"
RECORD: Final = Column("record", "string", "the record", RECORDS, required=True)
POSITION: Final = (
    RECORD, Column("kind", "string", "its kind", required=True), Column("field", "string", "its field", required=True),
    Column("position", "integer", "the place in the list of the field, from 0", required=True))


@cache
def sheets() -> tuple[Sheet, ...]:
    """All tables, each after those whose keys it holds."""
    every = Sheet(RECORDS, "every record, of whatever kind", (
        Column("id", "string", "the id", required=True), Column("kind", "string", "its kind", required=True),
        Column("title", "string", "what people call it", required=True),
        Column("text", "string", "all its words", bulk=True)), ("id",), ("title", "text"))
    structs: dict[str, dict[str, Column]] = {}
    for cls in struct_classes():
        columns = structs.setdefault(cls.table, {each.name: each for each in POSITION})
        for key, field in cls.fields.items():
            if not _apart(field):
                new, old = _column(field), columns.get(key)
                columns[key] = new if old in (None, new) else new.replace(type="any", choice=None)
    return (
        every, *(_of_kind(each) for each in KINDS.values()),
        *(Sheet(name, f"what stands in records as {name.replace('_', ' ')}", tuple(columns.values()), PLACE,
                ("text",) if "text" in columns else ()) for name, columns in structs.items()),
        Sheet(CITATIONS, "which source each of the values rests on", (
            *POSITION, Column("source", "string", "the source", KINDS[SOURCE_KIND].plural, required=True),
            Column("against", "boolean", "true: the source says otherwise", required=True)),
            (*PLACE, "source", "against")),
        Sheet(LINKS, "which record names which, sources left out", (
            *POSITION, Column("target", "string", "the record that is named", RECORDS, required=True),
            Column("role", "string", "as what it is named")), PLACE))


def struct_classes() -> list[type[Struct]]:
    """The structs that records hold, in the order of the model."""
    return list(dict.fromkeys(cls for kind in KINDS.values() for field in kind.fields.values()
                              for cls in field.shape.structs))


def _of_kind(kind: Kind) -> Sheet:
    columns = tuple(_column(field, required=field.required) for key, field in kind.fields.items() if _single(field))
    return Sheet(kind.plural, kind.help, (columns[0].replace(target=RECORDS), *columns[1:]), ("id",))


def _single(field: Field) -> bool:
    """Whether a field stands in the table of its kind: all but lists of structs and of ids."""
    return not field.shape.many or not (field.shape.structs or field.shape.ref)


def _apart(field: Field) -> bool:
    """Whether a field of a struct stands in the table of citations."""
    return field.shape.many and field.shape.ref is not None


def _column(field: Field, *, required: bool = False) -> Column:
    shape = field.shape.leading
    target = (KINDS[shape.ref.kind].plural if shape.ref.kind else RECORDS) if shape.ref else ""
    return Column(field.key, _type(shape), field.help, target, None if shape.many else shape.choice, required)


def _type(shape: Shape) -> str:
    if shape.many:
        return "array"
    names: dict[tuple[type, ...], str] = {(str,): "string", (int,): "integer", (float,): "number", (bool,): "boolean"}
    return names.get(shape.scalar, "any")


def rows(records: Iterable[tuple[Kind, Body]]) -> Iterator[tuple[str, Row]]:
    """The rows of all tables, each with the name of its table."""
    for kind, body in records:
        title = str(body[kind.title])
        yield RECORDS, (body["id"], kind.name, title, "\n".join(_words(body, kind.cls)))
        yield kind.plural, tuple(_flat(body.get(key)) for key, field in kind.fields.items() if _single(field))
        for key, field in kind.fields.items():
            for position, each in enumerate(field.items(body)):
                yield from _parts((body["id"], kind.name, key, position), field.shape, each)


def _parts(place: Row, shape: Shape, value: Any) -> Iterator[tuple[str, Row]]:
    """What a value adds to the tables of structs, citations and links."""
    if shape.structs:
        sheet = next(each for each in sheets() if each.name == shape.struct_of(value).table)
        yield sheet.name, (*place, *(_flat(value.get(each.name)) for each in sheet.columns[len(place):]))
        lead, target = shape.lead_of(value)
        if lead.ref:
            yield LINKS, (*place, target, value.get("role"))
        for against in (False, True):
            for source in value.get("against" if against else "refs") or ():
                yield CITATIONS, (*place, source, against)
    elif shape.ref and shape.ref.kind == SOURCE_KIND:
        yield CITATIONS, (*place, value, False)
    elif shape.ref:
        yield LINKS, (*place, value, None)


def _flat(value: Any) -> Any:
    """A value in one cell: a sourced one without its sources, a list as JSON."""
    if isinstance(value, dict):
        return value.get("value")
    return (json.dumps(value, ensure_ascii=False) if value else None) if isinstance(value, list) else value


def _words(body: Body, cls: type[Struct]) -> Iterator[str]:
    for field in cls.fields.values():
        for each in field.items(body):
            if isinstance(each, dict):
                yield from _words(each, field.shape.struct_of(each))
            elif isinstance(each, str) and not field.shape.ref:
                yield field.shape.choice.labels[each] if field.shape.choice else each
