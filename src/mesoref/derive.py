"""What follows from other records: levels of evidence and tallies. Pure: bodies in, bodies out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mesoref.frozen import Frozen
from mesoref.model import KINDS, LEVEL_OF_TYPE, LOCAL, Sourced
from mesoref.schema import Best, Body, Kind, Struct, Tally, linking

Given = Iterable[tuple[Kind, Body, bool]]


def complete(given: Given) -> Iterator[tuple[Kind, Body]]:
    """Every record with all the fields of its kind, those that follow from others worked out.

    `given` is kind, checked body and whether the record was laid over the base. Order is kept; nothing is shared with
    what was given.
    """
    rows = [(kind, dict(body), local) for kind, body, local in given]
    plans = {each.name: _Plan.of(each) for each in KINDS.values()}
    level_of = {body["id"]: LEVEL_OF_TYPE[body["type"]] for kind, body, _ in rows if plans[kind.name].citable}
    citing: dict[str, set[str]] = defaultdict(set)
    named: dict[tuple[str, str, str], list[Body]] = defaultdict(list)
    for kind, body, local in rows:
        _levels(kind.cls, body, level_of)
        for source in sources_of(kind.cls, body):
            citing[source].add(body["id"])
        for key in plans[kind.name].naming:
            if key in body:
                named[kind.name, key, body[key]].append(body)
        body[LOCAL] = local
    for kind, body, _ in rows:
        for key, derived in plans[kind.name].derived:
            if derived == "level" and key not in body:
                body[key] = level_of.get(body["id"]) or best(levels_in(kind.cls, body))
            elif isinstance(derived, Best):
                body[key] = best(levels_in(kind.cls, body, derived.among))
            elif derived == "cited":
                body[key] = len(citing[body["id"]])
    for kind, body, _ in rows:
        plan = plans[kind.name]
        for key, derived in plan.derived:
            if isinstance(derived, Tally):
                body[key] = _tally(derived, named[derived.kind, derived.via, body["id"]], body)
        yield kind, {key: body.get(key, [] if many else unset) for key, many, unset in plan.fields}


class _Plan(Frozen):
    """Whether a kind is citable; its fields that are worked out, those that name one record, and all.

    Each of all comes with whether it is a list, and what it is where nothing is said: false, for an answer.
    """

    citable: bool
    derived: list[tuple[str, Tally | Best | str]]
    naming: list[str]
    fields: list[tuple[str, bool, bool | None]]

    @classmethod
    def of(cls, kind: Kind) -> _Plan:
        """The plan of a kind."""
        fields = kind.fields.items()
        return cls(kind.citable, [(key, field.derived) for key, field in fields if field.derived],
                   [key for key, field in fields if field.shape.ref and not field.shape.many],
                   [(key, field.shape.many, False if field.shape.scalar == (bool,) else None) for key, field in fields])


def best(levels: Iterable[str]) -> str | None:
    """The best of some levels of evidence; None where there is none."""
    return min(levels, default=None)


def levels_in(cls: type[Struct], body: Mapping[str, Any], among: Sequence[str | int] = ()) -> Iterator[str]:
    """The levels of all statements, figures and sourced values of a record, or of those that stand in some fields."""
    for path, each, struct in sourced(cls, body):
        if among and path[0] not in among:
            continue
        if issubclass(struct, Sourced) and each.get("level"):
            yield each["level"]


def sources_of(cls: type[Struct], body: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the references that a record cites, in the order of its fields."""
    for key, shape in linking(cls):
        value = body.get(key)
        if shape.structs:
            for each in () if value is None else value if shape.many else (value,):
                yield from sources_of(shape.struct_of(each), each)
        elif value and shape.ref and shape.ref.kind == SOURCE_KIND:
            yield from value if shape.many else (value,)


SOURCE_KIND = Sourced.fields["refs"].shape.ref.kind  # type: ignore[union-attr]


def sourced(cls: type[Struct], body: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Body, type[Struct]]]:
    """Every struct in a record: where it stands in the body, its own body and its class."""
    for key, shape in linking(cls):
        if shape.structs and (value := body.get(key)) is not None:
            for index, each in enumerate(value) if shape.many else ((0, value),):
                yield (key, index) if shape.many else (key,), each, shape.struct_of(each)


def _levels(cls: type[Struct], body: Body, level_of: Mapping[str, str]) -> None:
    """Give every sourced value of a body its level, in copies that stand in the place of the originals."""
    for key, shape in linking(cls):
        if shape.structs and (value := body.get(key)):
            body[key] = [_with_level(each, level_of) for each in value] if shape.many else _with_level(value, level_of)


def _with_level(body: Body, level_of: Mapping[str, str]) -> Body:
    return body | {"level": best(level_of[each] for each in body.get("refs", ()) if each in level_of)}


def _tally(tally: Tally, naming: list[Body], own: Body) -> Any:
    counted = [each for each in naming if not each.get(tally.unless) and (not tally.having or each.get(tally.having))]
    if tally.best:
        return best(each[tally.best] for each in counted if each.get(tally.best)) or best(
            value["level"] for value in own.values() if isinstance(value, dict) and value.get("level"))
    if tally.add:
        told = [each[tally.add]["value"] for each in counted if each.get(tally.add)]
        return sum(told) if told else None
    return len(counted)
