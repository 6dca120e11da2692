"""What completion offers: kinds, ids, fields and values, out of the base that the command line names."""

from __future__ import annotations

from typing import Any

import typer

from mesoref.errors import MesorefError
from mesoref.model import KINDS
from mesoref.schema import Kind
from mesoref.session import Session
from mesoref.settings import settings_of

Offer = list[tuple[str, str]]
BRACKETS = str.maketrans("[]", "()")
SHOWN = 60


def kinds(incomplete: str) -> Offer:
    """Kinds, in the plural."""
    return [(each.plural, each.help) for each in KINDS.values() if each.plural.startswith(incomplete)]


def ids(ctx: typer.Context, incomplete: str) -> Offer:
    """Ids that are not on the line yet; where all must be of one kind, only those of the kind that it began with."""
    given = _given(ctx, "names")
    kind = _kind_of(ctx) if ctx.info_name == "compare" else None
    try:
        found = _store(ctx).ids_beginning(incomplete, kind.name if kind else "")
    except MesorefError:
        return []
    return [(id, _beside(title)) for id, title in found if id not in given]


def charts(incomplete: str) -> Offer:
    """The charts."""
    from mesoref.queries.charting import CHARTS

    return [(name, (function.__doc__ or "").partition("\n")[0]) for name, function in CHARTS.items()
            if name.startswith(incomplete)]


def fields(ctx: typer.Context, incomplete: str) -> Offer:
    """Fields of the kind that is listed."""
    return _fields(_listed(ctx), incomplete)


def columns(ctx: typer.Context, incomplete: str) -> Offer:
    """Fields of the kind that is listed, after those that stand before the last comma."""
    before, comma, last = incomplete.rpartition(",")
    return [(f"{before}{comma}{key}", label) for key, label in _fields(_listed(ctx), last)]


def fields_of_ids(ctx: typer.Context, incomplete: str) -> Offer:
    """Fields of the kind of the records that are compared."""
    kind = _kind_of(ctx)
    return _fields(kind, incomplete) if kind else []


def conditions(ctx: typer.Context, incomplete: str) -> Offer:
    """`FIELD=` of what records can be picked by, and after it the values that the field has."""
    kind = _listed(ctx)
    key, equals, value = incomplete.partition("=")
    if not equals:
        names = [(each.name, f"linked {each.plural}") for each in KINDS.values() if each.name not in kind.fields]
        picked = [(name, label) for name, label in _fields(kind, "") if kind.fields[name].shape.pickable]
        return [(f"{name}=", label) for name, label in [*picked, *names] if name.startswith(key)]
    try:
        if key == "id" or (key in KINDS and key not in kind.fields):
            of = kind.name if key == "id" else key
            return [(f"{key}={id}", _beside(title)) for id, title in _store(ctx).ids_beginning(value, of)]
        return [(f"{key}={each}", "") for each in _store(ctx).facet_values(kind.name, key, value)]
    except MesorefError:
        return []


def _beside(title: str) -> str:
    """What stands beside an id: no more than a line, and nothing that Typer would read as markup."""
    title = title.translate(BRACKETS)
    return title if len(title) <= SHOWN else f"{title[:SHOWN]}..."


def _fields(kind: Kind, incomplete: str) -> Offer:
    return [(key, field.label) for key, field in kind.fields.items() if key.startswith(incomplete)]


def _listed(ctx: typer.Context) -> Kind:
    asked = next(iter(_given(ctx, "kind")), "")
    return next((each for each in KINDS.values() if asked in (each.name, each.plural)), next(iter(KINDS.values())))


def _given(ctx: typer.Context, name: str) -> list[str]:
    """The values of an argument; while an option waits for its value they are still among the words not yet read."""
    value = ctx.params.get(name) or ctx.args
    return [value] if isinstance(value, str) else list(value)


def _kind_of(ctx: typer.Context) -> Kind | None:
    try:
        lines = _store(ctx).lines(_given(ctx, "names"))
    except MesorefError:
        return None
    return next((KINDS[each.kind] for each in lines.values()), None)


def _store(ctx: typer.Context) -> Any:
    session = Session(settings_of(ctx))
    ctx.call_on_close(session.close)
    return session.kb.store
