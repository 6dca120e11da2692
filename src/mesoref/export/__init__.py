"""A base whole, in a file or a folder: one literal table of endings; a module a way, loaded when it is used."""

from __future__ import annotations

import importlib
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from mesoref.errors import UsageError
from mesoref.kb import KnowledgeBase
from mesoref.values import dated
from mesoref.views import Report

WAYS: Final = {
    ".html": "page",
    ".htm": "page",
    ".json": "document",
    ".sqlite": "database",
    ".db": "database",
    ".csv": "folder",
    "": "folder",
}
"""Ending to module."""


class Way(Protocol):
    """What a way is: it writes a base to a path that is moved into place afterwards."""

    def replacing(self, target: Path) -> AbstractContextManager[Path]:
        """A path to write to, beside the target."""

    def write(self, kb: KnowledgeBase, part: Path) -> None:
        """Write the base."""


def export(kb: KnowledgeBase, target: str) -> Report:
    """Write a base to a file or a folder, as its ending asks; raises UsageError where that cannot be."""
    ending = "" if target.endswith(("/", os.sep)) else Path(target).suffix.lower()
    if ending not in WAYS:
        endings = ", ".join(each for each in WAYS if each)
        raise UsageError(f"no export for the suffix {ending!r}; use {endings}, or a folder with a slash at its end")
    way: Way = importlib.import_module(f"mesoref.export.{WAYS[ending]}")
    with way.replacing(Path(target)) as part:
        way.write(kb, part)
    return _report(kb, Path(target))


def _report(kb: KnowledgeBase, target: Path) -> Report:
    files = sorted(target.iterdir()) if target.is_dir() else [target]
    facts = (
        ("bytes", str(sum(each.stat().st_size for each in files))),
        ("records", str(sum(kb.store.counts().values()))),
        ("knowledge as of", dated(kb.as_of)), ("mesoref", kb.meta["version"]), ("hash of the sources", kb.meta["hash"]))
    return Report(f"{target} is written", kb.as_of, (("Export", facts),), "export")
