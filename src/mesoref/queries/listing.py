"""`list`: records of a kind, picked and sorted."""

from __future__ import annotations

from collections.abc import Sequence

from mesoref.errors import NotFoundError, UsageError
from mesoref.fold import fold, plain_letters
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.queries.common import context_of_ids, field_of
from mesoref.schema import Field, Kind, Record
from mesoref.shell import command
from mesoref.views import Table

OPERATORS = tuple("!<>~:")


def list_(kb: KnowledgeBase, kind_name: str, where: Sequence[str] = (), sort: str = "",
          columns: Sequence[str] = ()) -> Table:
    """Records of a kind, the first of all if none is named, that meet all conditions (`FIELD=VALUE`), sorted.

    Raises UsageError for an unknown kind, field or value of a closed set and for a field that holds statements,
    NotFoundError for an unknown record.
    """
    kind = kb.kind(kind_name) if kind_name else next(iter(KINDS.values()))
    shown = tuple(field_of(kind, each).key for each in columns) or kind.columns
    fields, linked, hint = [], [], ""
    for each in where:
        key, equals, value = each.partition("=")
        if not equals or key.rstrip()[-1:] in OPERATORS or value[:1] == "=":
            raise UsageError(f"a condition is FIELD=VALUE, not {each!r}; there are no others, such as != or >=")
        if (other := _kind_named(key)) and not _has_field(kind, key):
            linked.append(_record_of(kb, value, other))
        else:
            field = field_of(kind, key)
            fields.append((field.key, _wanted(kb, kind, field, value)))
            if field.shape.leading.scalar == (str,) and field.shape.leading.marker is None:
                hint = f"; `{field.key}` matches whole: for words in it, {command('search', value, kind=kind.name)}"
    found = kb.select(kind.name, fields, linked)
    return Table(context_of_ids(kb, found), kind, shown, _sorted(tuple(found.values()), kind, sort or kind.sort),
                 hint)


def _sorted(records: tuple[Record, ...], kind: Kind, by: str) -> tuple[Record, ...]:
    """Records in the order of a field, backwards after a minus; those that lack it last. They come by id."""
    field = field_of(kind, by.removeprefix("-"))
    if field.key == "id":
        return records[::-1] if by.startswith("-") else records
    known = [each for each in records if field.items(each.data)]
    unknown = [each for each in records if not field.items(each.data)]
    known.sort(key=lambda each: _order(field, each), reverse=by.startswith("-"))
    return (*known, *unknown)


def _has_field(kind: Kind, name: str) -> bool:
    return any(fold(name) in (fold(field.key), fold(field.label)) for field in kind.fields.values())


def _kind_named(name: str) -> Kind | None:
    return next((each for each in KINDS.values() if fold(name) in (fold(each.name), fold(each.plural))), None)


def _record_of(kb: KnowledgeBase, name: str, kind: Kind) -> str:
    line = kb.resolve(name)
    if line.kind != kind.name:
        raise NotFoundError(f"{name!r} is a {line.kind}, not a {kind.name}")
    return line.id


def _wanted(kb: KnowledgeBase, kind: Kind, field: Field, value: str) -> str:
    """The folded value that a condition asks for: labels and names of records stand for their values and ids."""
    if field.key == "id":
        return _record_of(kb, value, kind)
    if not field.shape.pickable:
        raise UsageError(f"`{field.key}` holds statements, which are searched: try "
                         f"{command('search', value, kind=kind.plural)}")
    shape = field.shape.leading
    if shape.ref:
        return fold(kb.resolve(value).id)
    if shape.choice:
        for key, label in shape.choice.labels.items():
            if value == key or fold(value) in (fold(key), fold(label)):
                return fold(key)
        raise UsageError(f"`{field.key}` is never {value!r}; it is one of {', '.join(shape.choice.labels)}")
    if bool in shape.scalar:
        known = {"true": "true", "yes": "true", "false": "false", "no": "false"}
        if fold(value) not in known:
            raise UsageError(f"`{field.key}` is true or false, not {value!r}")
        return known[fold(value)]
    return fold(value)


def _order(field: Field, record: Record) -> list[tuple[int, float, str]]:
    """The key by which records are sorted: closed sets in their own order, numbers as numbers, text folded."""
    keys: list[tuple[int, float, str]] = []
    for each in field.items(record.data):
        shape, value = field.shape.lead_of(each)
        if shape.choice:
            keys.append((0, list(shape.choice.labels).index(value), ""))
        elif isinstance(value, int | float):
            keys.append((0, value, ""))
        else:
            keys.append((1, 0, plain_letters(str(value))))
    return keys
