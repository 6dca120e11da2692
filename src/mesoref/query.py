"""One pure function a verb: a knowledge base and a question in, a view out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mesoref.errors import NotFoundError, UsageError
from mesoref.fold import fold, plain_letters
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS, LOCAL
from mesoref.schema import Field, Kind, Record
from mesoref.views import Comparison, Context, Group, Profile, Profiles, Row, Section, Table

MOST_COMPARED = 5


def context_of(kb: KnowledgeBase, records: Iterable[Record]) -> Context:
    """The titles and references that some records name."""
    rows = kb.store.named_by(each.id for each in records)
    lines = kb.store.lines(row.target for row in rows)
    return Context(kb.as_of, lines, kb.get(id for id, line in lines.items() if "cited" in KINDS[line.kind].fields))


def list_(kb: KnowledgeBase, kind_name: str, where: Sequence[str] = (), sort: str = "",
          columns: Sequence[str] = ()) -> Table:
    """Records of a kind that meet all conditions (`FIELD=VALUE`), sorted, with the columns asked for.

    Raises UsageError for an unknown kind, field or value of a closed set, NotFoundError for an unknown record.
    """
    kind = kb.kind(kind_name)
    shown = tuple(field_of(kind, each).key for each in columns) or kind.columns
    fields, linked = [], []
    for each in where:
        key, equals, value = each.partition("=")
        if not equals:
            raise UsageError(f"a condition is FIELD=VALUE, not {each!r}")
        if (other := _kind_named(key)) and not _has_field(kind, key):
            linked.append(_record_of(kb, value, other))
        else:
            field = field_of(kind, key)
            fields.append((field.key, _wanted(kb, field, value)))
    records = kb.all(kind.name, fields, linked)
    by = sort or kind.sort
    field = field_of(kind, by.removeprefix("-"))
    known = [each for each in records if each.data.get(field.key) not in (None, [])]
    unknown = [each for each in records if each.data.get(field.key) in (None, [])]
    known.sort(key=lambda each: _order(field, each), reverse=by.startswith("-"))
    records = known + unknown
    return Table(context_of(kb, records), kind, shown, tuple(records))


def field_of(kind: Kind, name: str) -> Field:
    """The field of a kind with this key or label; raises UsageError where there is none."""
    for field in kind.fields.values():
        if fold(name) in (fold(field.key), fold(field.label)):
            return field
    raise UsageError(f"{kind.plural} have no field {name!r}; they have {', '.join(kind.fields)}")


def _has_field(kind: Kind, name: str) -> bool:
    return any(fold(name) in (fold(field.key), fold(field.label)) for field in kind.fields.values())


def _kind_named(name: str) -> Kind | None:
    return next((each for each in KINDS.values() if fold(name) in (fold(each.name), fold(each.plural))), None)


def _record_of(kb: KnowledgeBase, name: str, kind: Kind) -> str:
    line = kb.resolve(name)
    if line.kind != kind.name:
        raise NotFoundError(f"{name!r} is a {line.kind}, not a {kind.name}")
    return line.id


def _wanted(kb: KnowledgeBase, field: Field, value: str) -> str:
    """The folded value that a condition asks for: labels and names of records stand for their values and ids."""
    shape = field.shape
    if shape.structs:
        lead = shape.structs[0].fields[shape.structs[0].lead].shape
        shape = lead if lead.ref or lead.choice else shape
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
        shape, value = field.shape, each
        if shape.structs:
            struct = shape.struct_of(each)
            shape, value = struct.fields[struct.lead].shape, each[struct.lead]
        if shape.choice:
            keys.append((0, list(shape.choice.labels).index(value), ""))
        elif isinstance(value, int | float):
            keys.append((0, value, ""))
        else:
            keys.append((1, 0, plain_letters(str(value))))
    return keys


def show(kb: KnowledgeBase, names: Sequence[str]) -> Profiles:
    """Records whole, each with the records that name it."""
    records = [kb.find(each) for each in names]
    profiles = tuple(Profile(each, _sections(each), groups_of(kb, each.id)) for each in records)
    return Profiles(context_of(kb, records), profiles)


def _sections(record: Record) -> tuple[Section, ...]:
    hidden = {"id", record.kind.title, LOCAL, "refs", "aliases"}
    return tuple(Section(key, field.label) for key, field in record.fields.items() if key not in hidden)


def groups_of(kb: KnowledgeBase, id: str) -> tuple[Group, ...]:
    """The records that name this one, by kind."""
    naming = kb.store.naming([id])
    lines = kb.store.lines(row.source for row, _ in naming)
    return tuple(Group(kind, tuple(each for each in lines.values() if each.kind == kind.name))
                 for kind in KINDS.values() if any(each.kind == kind.name for each in lines.values()))


def compare(kb: KnowledgeBase, names: Sequence[str], *, fields: Sequence[str] = (), diff: bool = False) -> Comparison:
    """Two to five records of one kind side by side; with `diff`, only the rows in which they differ."""
    if not 2 <= len(names) <= MOST_COMPARED:
        raise UsageError(f"compare takes two to {MOST_COMPARED} records, not {len(names)}")
    records = [kb.find(each) for each in names]
    kinds = {each.kind.name for each in records}
    if len(kinds) > 1:
        listed = ", ".join(f"{each.id} is a {each.kind.name}" for each in records)
        raise UsageError(f"only records of one kind can be compared: {listed}")
    if len({each.id for each in records}) < len(records):
        raise UsageError("a record cannot be compared with itself")
    kind = records[0].kind
    keys = [field_of(kind, each).key for each in fields] or [
        key for key, field in kind.fields.items() if field.compared and any(field.items(each.data) for each in records)]
    rows = tuple(Row(key, kind.fields[key].label, _agree(key, records)) for key in keys)
    return Comparison(context_of(kb, records), kind, tuple(records),
                      tuple(each for each in rows if not (diff and each.same)))


def _agree(key: str, records: Sequence[Record]) -> bool:
    """Whether all the records have the same values, whoever says so."""
    return len({repr([_bare(each) for each in record.fields[key].items(record.data)]) for record in records}) == 1


def _bare(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {k: v for k, v in value.items() if k not in ("refs", "seen", "against", "level", "as_of")}
