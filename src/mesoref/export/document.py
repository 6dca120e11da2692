"""A base as one JSON object."""

from __future__ import annotations

from pathlib import Path

from mesoref.kb import KnowledgeBase
from mesoref.queries.exporting import edition
from mesoref.render.jsons import write_edition
from mesoref.session import replacing

__all__ = ["replacing", "write"]


def write(kb: KnowledgeBase, part: Path) -> None:
    """Write the object."""
    with part.open("w", encoding="utf-8", errors="replace", newline="\n") as stream:
        write_edition(edition(kb), stream)
