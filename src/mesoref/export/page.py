"""The handbook as a file."""

from __future__ import annotations

from pathlib import Path

from mesoref.kb import KnowledgeBase
from mesoref.queries.exporting import handbook
from mesoref.render.handbook import write_handbook
from mesoref.session import replacing

__all__ = ["replacing", "write"]


def write(kb: KnowledgeBase, part: Path) -> None:
    """Write the handbook."""
    with part.open("w", encoding="utf-8", errors="replace", newline="\n") as stream:
        write_handbook(handbook(kb), stream)
