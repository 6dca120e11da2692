"""The knowledge base for Python: the verbs of the command line as methods that return values. Nothing here prints."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from mesoref import cache, kb
from mesoref.store import Store
from mesoref.views import Bibliography, Comparison, Hits, Profiles, Tree

AnyPath = str | os.PathLike[str]


class KnowledgeBase(kb.KnowledgeBase):
    """A knowledge base with a method for each question that can be put to it; it can stand in a `with`."""

    def search(self, words: str, *, kind: str = "", limit: int = 10) -> Hits:
        """Records in which words occur, the best first; with `kind`, only records of that one."""
        from mesoref.queries.searching import search

        return search(self, words, kind=kind, limit=limit)

    def show(self, *names: str) -> Profiles:
        """Records whole, each with the records that name it."""
        from mesoref.queries.showing import show

        return show(self, names)

    def explain(self, *names: str) -> Profiles:
        """Records in plain words."""
        from mesoref.queries.explaining import explain

        return explain(self, names)

    def compare(self, *names: str, fields: Sequence[str] = (), diff: bool = False) -> Comparison:
        """Two to five records of one kind side by side; with `diff`, only the fields in which they differ."""
        from mesoref.queries.comparing import compare

        return compare(self, names, fields=fields, diff=diff)

    def links(self, name: str, *, depth: int = 1, sources: bool = False) -> Tree:
        """What a record names and what names it, `depth` steps far; its sources are only counted unless asked for."""
        from mesoref.queries.linking import links

        return links(self, name, depth=depth, sources=sources)

    def cite(self, *names: str) -> Bibliography:
        """The sources of some records; without a name, of the whole base."""
        from mesoref.queries.citing import cite

        return cite(self, names)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_base(path: AnyPath | None = None, extra: Iterable[AnyPath] = ()) -> KnowledgeBase:
    """The function behind `mesoref.open`."""
    if isinstance(extra, str | os.PathLike):
        raise TypeError(f"extra is a list of paths, not one: [{os.fspath(extra)!r}]")
    base = None if path is None else Path(path)
    return KnowledgeBase(Store(cache.connect(base, tuple(Path(each) for each in extra))))
