"""A base as a SQLite file for people: a table a kind, tables of what stands in them, full text."""

from __future__ import annotations

from pathlib import Path

from mesoref.kb import KnowledgeBase
from mesoref.queries.exporting import edition
from mesoref.session import replacing
from mesoref.store.publishing import publish
from mesoref.tables import rows, sheets
from mesoref.values import disclaimer

__all__ = ["replacing", "write"]


def write(kb: KnowledgeBase, part: Path) -> None:
    """Write the file."""
    whole = edition(kb)
    meta = {"mesoref": whole.version, "as_of": whole.context.as_of, "hash": whole.digest,
            "note": disclaimer(whole.context.as_of)}
    publish(part, sheets(), rows((each.kind, each.data) for each in whole.records), meta)
