"""What several verbs need: the context of a view, and fields by their names."""

from __future__ import annotations

from collections.abc import Iterable

from mesoref.errors import UsageError
from mesoref.fold import fold
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.schema import Field, Kind, Record
from mesoref.views import Context


def context_of(kb: KnowledgeBase, records: Iterable[Record]) -> Context:
    """The titles and references that some records name."""
    return context_of_ids(kb, (each.id for each in records))


def context_of_ids(kb: KnowledgeBase, ids: Iterable[str]) -> Context:
    """The same for records of which only the ids are known yet."""
    lines = kb.store.named(ids)
    return Context(kb.as_of, lines, kb.get(id for id, line in lines.items() if KINDS[line.kind].citable))


def field_of(kind: Kind, name: str) -> Field:
    """The field of a kind with this key or label; raises UsageError where there is none."""
    for field in kind.fields.values():
        if fold(name) in (fold(field.key), fold(field.label)):
            return field
    raise UsageError(f"{kind.plural} have no field {name!r}; they have {', '.join(kind.fields)}")
