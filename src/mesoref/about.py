"""What the program says of itself: versions, dates, counts, levels, paths and exit codes."""

from __future__ import annotations

import platform
import sqlite3
from pathlib import Path

from mesoref import __version__, cache
from mesoref.errors import BaseError
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS, LEVELS, SCHEMA
from mesoref.values import dated
from mesoref.views import Report

EXIT_CODES = {
    "0": "answered",
    "1": "the data says no: an unknown name, no match, or `check` found something",
    "2": "a wrong command line",
    "3": "the base cannot be read or is invalid",
    "130": "interrupted",
}


def about(kb: KnowledgeBase, path: Path | None) -> Report:
    """The report behind `mesoref info`."""
    counts = kb.store.counts()
    try:
        kept = str(cache.cache_folder())
    except (OSError, RuntimeError) as error:
        kept = f"none ({error})"
    try:
        base = str(path or cache.data_folder())
    except BaseError as error:
        base = str(error)
    return Report("mesoref", kb.as_of, (
        ("Versions", (("mesoref", __version__), ("knowledge as of", dated(kb.as_of)), ("schema", str(SCHEMA)),
                      ("hash of the sources", kb.meta["hash"]), ("Python", platform.python_version()),
                      ("SQLite", sqlite3.sqlite_version))),
        ("Records", (*((kind.plural, str(counts[kind.name])) for kind in KINDS.values()),
                     *((name, str(count)) for name, count in kb.store.count_statements().items()))),
        ("Levels of evidence", tuple(LEVELS.items())),
        ("Paths", (("base", base), ("compiled bases", kept))),
        ("Exit codes", tuple(EXIT_CODES.items())),
    ))
