"""Rules across records. The docstring of a rule is its manual page; `PAGES` holds those of the loader's rules too."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mesoref.derive import sourced
from mesoref.errors import Problem
from mesoref.fold import fold
from mesoref.loader import Entry, Sources, load
from mesoref.model import Figure, Sourced
from mesoref.schema import Date

Path_ = tuple[str | int, ...]


class Found(NamedTuple):
    """What a rule found wrong: in which record, at which field, and why."""

    entry: Entry
    path: Path_
    message: str


Rule = Callable[[Sources], Iterator[Found]]


def alias_collision(sources: Sources) -> Iterator[Found]:
    """A name, alias or symbol is, once folded, that of another record, so nobody could ask for either by it."""
    owners: dict[str, tuple[Entry, str]] = {}
    for entry in sources.entries.values():
        owners.setdefault(fold(entry.body["id"]), (entry, entry.body["id"]))
    for entry in sources.entries.values():
        for path, name in names_of(entry):
            owner, as_ = owners.setdefault(fold(name), (entry, name))
            if owner is not entry:
                yield Found(entry, path, f"{name!r} also means the {owner.kind.name} {owner.body['id']!r}"
                                         f"{'' if as_ == owner.body['id'] else f' (as {as_!r})'}")


def no_source(sources: Sources) -> Iterator[Found]:
    """A statement, a figure or a plain fact names no reference."""
    for entry in sources.entries.values():
        for path, body, struct in sourced(entry.kind.cls, entry.body):
            if issubclass(struct, Sourced) and not body.get("refs"):
                yield Found(entry, path, "names no source: add `refs` with at least one reference")
        if "refs" in entry.kind.fields and not entry.body.get("refs"):
            facts = [key for key, field in entry.kind.fields.items() if field.own and field.items(entry.body)]
            if facts:
                yield Found(entry, (facts[0],), f"{', '.join(f'`{each}`' for each in facts)} of {entry.body['id']!r} "
                                                "have no source: add `refs` to the record")


def no_address(sources: Sources) -> Iterator[Found]:
    """All sources of a statement lack an identifier and an address, so nobody can look it up."""
    silent = {id for id, entry in sources.entries.items()
              if not any(entry.body.get(key) for key, field in entry.kind.fields.items() if field.shape.scheme)}
    for entry in sources.entries.values():
        for path, body, struct in sourced(entry.kind.cls, entry.body):
            refs = body.get("refs") if issubclass(struct, Sourced) else None
            if refs and silent.issuperset(refs):
                yield Found(entry, path, f"rests on {', '.join(refs)} alone, which has neither identifier nor address")


def uncited_reference(sources: Sources) -> Iterator[Found]:
    """A reference that nothing cites: it is of no use, or a statement forgot it."""
    if not sources.whole:
        return
    cited = {(each.kind, each.target) for each in sources.links}
    for id, entry in sources.entries.items():
        if entry.kind.citable and (entry.kind.name, id) not in cited:
            yield Found(entry, (), f"nothing cites {id!r}: cite it or take it out")


def future_date(sources: Sources) -> Iterator[Found]:
    """An `as_of` lies in the future: nobody can know that yet."""
    for entry, path, value in dated(sources):
        if value > latest_day()[:len(value)]:
            yield Found(entry, path, f"`as_of` {value} lies in the future")


def negative(sources: Sources) -> Iterator[Found]:
    """A whole number that counts something, or a year, is less than nothing."""
    for entry in sources.entries.values():
        for path, body, struct in [((), entry.body, entry.kind.cls), *sourced(entry.kind.cls, entry.body)]:
            for key, field in struct.fields.items():
                if field.shape.scalar == (int,) and any(each < 0 for each in field.items(body)):
                    yield Found(entry, (*path, key), f"`{key}` cannot be less than 0")


def percentage(sources: Sources) -> Iterator[Found]:
    """A percentage lies outside 0 to 100."""
    for entry, path, body in figures(sources):
        value = body.get("value")
        if body.get("unit") == "%" and isinstance(value, int | float) and not 0 <= value <= 100:
            yield Found(entry, (*path, "value"), f"{value}% lies outside 0 to 100")


def n_over_enrolled(sources: Sources) -> Iterator[Found]:
    """A figure counts more people than joined the trial."""
    for entry, path, body in figures(sources):
        enrolled = (entry.body.get("enrolled") or {}).get("value")
        n = body.get("n")
        if enrolled is not None and n is not None and n > enrolled and body.get("unit") != "samples":
            yield Found(entry, (*path, "n"), f"n = {n} is more than the {enrolled} enrolled")


def interval(sources: Sources) -> Iterator[Found]:
    """A confidence interval has not two ends, or does not hold its value."""
    for entry, path, body in figures(sources):
        ends, value = body.get("ci") or [], body.get("value")
        if ends and len(ends) != 2:
            yield Found(entry, (*path, "ci"), "an interval has two ends, the lower and the upper")
        elif ends and all(isinstance(each, int | float) for each in (*ends, value)) and (
                not ends[0] <= value <= ends[1]):
            yield Found(entry, (*path, "ci"),
                        f"the interval {ends[0]} to {ends[1]} does not hold {value}")


RULES: tuple[Rule, ...] = (alias_collision, no_source, no_address, uncited_reference, future_date, negative,
                           percentage, n_over_enrolled, interval)

PAGES = {
    "alias": "Anchors and aliases have no use in a base: they hide where a value comes from and can explode.",
    "bad-id": "An id is lower-case words joined by hyphens, or an NCT number.",
    "bad-identifier": "An identifier does not have the form that its body gives out.",
    "bad-url": "An address must begin with http:// or https:// and hold no blanks.",
    "bad-value": "A value is none of those that the field allows.",
    "dangling-reference": "An id names a record that does not exist, or one of another kind.",
    "duplicate-id": "Two records have the same id; ids are unique over all kinds and files.",
    "duplicate-key": "A key stands twice in one mapping, so one of the values would be lost.",
    "empty": "A file holds nothing.",
    "encoding": "A file is not UTF-8.",
    "missing-field": "A field that every record of the kind needs is not there.",
    "schema-version": "The file is written for a newer program.",
    "stale": "Only with `--stale DAYS`: a value was last confirmed longer ago than that.",
    "syntax": "The file is not YAML.",
    "tag": "YAML tags have no use in a base; the type of a value follows from its field.",
    "too-deep": "The file is nested deeper than any record can be.",
    "too-large": "A file is larger than a base's file may be, or holds a record larger than any can be.",
    "too-many": "So many problems that the rest was not read.",
    "unknown-key": "A field that the kind does not have.",
    "unknown-kind": "A top-level key that is no kind.",
    "unreadable": "A file or folder cannot be read.",
    "wrong-type": "A value has not the type of its field.",
} | {rule.__name__.replace("_", "-"): rule.__doc__ or "" for rule in RULES}


def check(paths: list[tuple[Path, bool]], *, stale: int | None = None,
          progress: Callable[[int, int], None] | None = None) -> tuple[Sources, tuple[Problem, ...]]:
    """Read bases and apply every rule; with `stale`, also tell what was last confirmed more than so many days ago."""
    sources = load(paths, progress=progress)
    problems = set(sources.problems)
    for rule in RULES:
        problems.update(problem(found, rule.__name__.replace("_", "-")) for found in rule(sources))
    problems.update(Problem(*place, "future-date", f"`as_of` {value} lies in the future")
                    for place, value in sources.heads if value > latest_day()[:len(value)])
    if stale is not None:
        problems.update(problem(found, "stale") for found in stale_values(sources, stale))
    return sources, tuple(sorted(problems))


def latest_day() -> str:
    """Today's date where the day begins first, so that a base is as good wherever it is read."""
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=14))).date().isoformat()


def stale_values(sources: Sources, days: int) -> Iterator[Found]:
    """Every value that was last confirmed more than so many days ago, or nobody knows when though it needs a date.

    A partial date counts as its first day.
    """
    today = datetime.date.today()
    for entry, path, value in dated(sources):
        age = (today - datetime.date.fromisoformat((value + "-01-01")[:10])).days
        if age > days:
            yield Found(entry, path, f"{_name(entry, path[:-1])} was last confirmed {value}, {age} days ago")
    for entry in sources.entries.values():
        for path, body, struct in sourced(entry.kind.cls, entry.body):
            if struct.undated and not body.get("as_of"):
                yield Found(entry, path, f"{_name(entry, path)} has no date: add `as_of`")


def _name(entry: Entry, path: Path_) -> str:
    return f"{'.'.join(map(str, path))} of {entry.body['id']!r}"


def problem(found: Found, rule: str) -> Problem:
    """The problem with the nearest place that is known for it."""
    path = found.path
    while path and path not in found.entry.places:
        path = path[:-1]
    place = found.entry.places[path]
    return Problem(place.file, place.line, place.column, rule, found.message)


def names_of(entry: Entry) -> Iterator[tuple[Path_, str]]:
    """The texts, other than the id, by which a record can be asked for."""
    for key, field in entry.kind.fields.items():
        if key != "id" and (field.finds or (key == entry.kind.title and field.search == "names")):
            for index, each in enumerate(field.items(entry.body)):
                yield (key, index) if field.shape.many else (key,), each


def dated(sources: Sources) -> Iterator[tuple[Entry, Path_, str]]:
    """Every `as_of` in the base."""
    for entry in sources.entries.values():
        for path, body, struct in sourced(entry.kind.cls, entry.body):
            for key, field in struct.fields.items():
                if key == "as_of" and isinstance(field.shape.marker, Date) and body.get(key):
                    yield entry, (*path, key), body[key]


def figures(sources: Sources) -> Iterator[tuple[Entry, Path_, dict[str, Any]]]:
    """Every figure in the base."""
    for entry in sources.entries.values():
        for path, body, struct in sourced(entry.kind.cls, entry.body):
            if struct is Figure:
                yield entry, path, body
