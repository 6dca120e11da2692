"""`show`: records whole."""

from __future__ import annotations

from collections.abc import Sequence

from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS, LOCAL
from mesoref.queries.common import context_of
from mesoref.schema import Record
from mesoref.views import Group, Profile, Profiles, Section


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
