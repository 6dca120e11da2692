"""`show`: records whole."""

from __future__ import annotations

from collections.abc import Sequence

from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS, LOCAL
from mesoref.queries.common import context_of
from mesoref.schema import Record
from mesoref.shell import command
from mesoref.views import Group, Profile, Profiles, Section

MOST_NAMED = 200


def show(kb: KnowledgeBase, names: Sequence[str]) -> Profiles:
    """Records whole, each with the records that name it."""
    records = [kb.find(each) for each in names]
    profiles = tuple(Profile(each, _sections(each), groups_of(kb, each)) for each in records)
    return Profiles(context_of(kb, records), profiles)


def _sections(record: Record) -> tuple[Section, ...]:
    hidden = {"id", record.kind.title, LOCAL, "refs", "aliases"}
    return tuple(Section(key, field.label) for key, field in record.fields.items() if key not in hidden)


def groups_of(kb: KnowledgeBase, record: Record) -> tuple[Group, ...]:
    """The records that name this one, by kind; of a kind with very many the first, and the command that lists all."""
    groups = []
    for kind, lines in kb.store.namers(record.id, MOST_NAMED + 1).items():
        plural = KINDS[kind].plural
        more = command("list", plural, where=f"{record.kind.name}={record.id}") if lines[MOST_NAMED:] else ""
        groups.append(Group(KINDS[kind], tuple(lines[:MOST_NAMED]), more))
    return tuple(each for each in groups if each.lines)
