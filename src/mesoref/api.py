"""The knowledge base for Python: the verbs of the command line as methods that return values. Nothing here prints."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from mesoref import cache, kb
from mesoref.errors import UsageError
from mesoref.kb import many
from mesoref.views import Bibliography, Chart, Comparison, Hits, Problems, Profiles, Report, Table, Tree

AnyPath = str | os.PathLike[str]


class KnowledgeBase(kb.KnowledgeBase):
    """A knowledge base with a method for each question that can be put to it; it can stand in a `with`.

    Every method raises BaseError where the base is closed or cannot be read any more, and TypeError where one text
    stands for a list of them.
    """

    def list(self, kind: str = "", *, where: Iterable[str] = (), sort: str = "",
             columns: Iterable[str] = ()) -> Table:
        """Records of a kind, the approaches if none is named, that meet all conditions (`FIELD=VALUE`), sorted.

        `sort` is a field, backwards with a minus before it; `columns` are the fields that are shown. Raises UsageError
        for an unknown kind or field or a value that it cannot have, NotFoundError for an unknown record.
        """
        from mesoref.queries.listing import list_

        return list_(self, kind, many("where", where), sort, many("columns", columns))

    def show(self, *names: str) -> Profiles:
        """Records whole, each with the records that name it.

        Raises NotFoundError for a name that no record or more than one has, UsageError without any name.
        """
        from mesoref.queries.showing import show

        return show(self, _some("show", names))

    def explain(self, *names: str) -> Profiles:
        """Records in plain words.

        Raises NotFoundError for a name that no record or more than one has, UsageError without any name.
        """
        from mesoref.queries.explaining import explain

        return explain(self, _some("explain", names))

    def compare(self, *names: str, fields: Iterable[str] = (), diff: bool = False, full: bool = False) -> Comparison:
        """Two to five records of one kind side by side; with `diff`, only the fields in which they differ.

        What they link to stands there by its name; whole with `full`, or where `fields` are asked for. Raises
        NotFoundError for an unknown name, UsageError for an unknown field, for records of several kinds, for too few or
        too many, and for one that stands there twice.
        """
        from mesoref.queries.comparing import compare

        return compare(self, _single("compare", names), fields=many("fields", fields), diff=diff, full=full)

    def search(self, words: str, *, kind: str = "", limit: int = 10) -> Hits:
        """Records in which words or `"quoted phrases"` occur, the best first; with `kind`, only records of that one.

        Raises UsageError for an unknown kind or a limit below 1.
        """
        from mesoref.queries.searching import search

        if not isinstance(words, str):
            raise TypeError(f"words is one text, not {words!r}")
        return search(self, words, kind=kind, limit=_positive("limit", limit))

    def cite(self, *names: str) -> Bibliography:
        """The sources of some records; without a name, of the whole base.

        Raises NotFoundError for an unknown name, and where there is nothing to cite.
        """
        from mesoref.queries.citing import cite

        return cite(self, _single("cite", names))

    def links(self, name: str, *, depth: int = 1, sources: bool = False) -> Tree:
        """What a record names and what names it, `depth` steps far; its sources are only counted unless asked for.

        Raises NotFoundError for an unknown name, UsageError for a depth below 1.
        """
        from mesoref.queries.linking import links

        return links(self, name, depth=_positive("depth", depth), sources=sources)

    def chart(self, name: str) -> Chart:
        """What a chart shows: `pipeline`, `timeline` or `survival`; raises UsageError for any other name."""
        from mesoref.queries.charting import chart

        return chart(self, name)

    def export(self, target: AnyPath) -> Report:
        """Write the whole base to a file that ends in .html, .json, .sqlite or .db, or to a folder of CSV.

        An earlier file is replaced once the new one is whole. Raises UsageError for another ending, and where the
        target cannot be written.
        """
        from mesoref.export import export

        return export(self, os.fspath(target))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def open_base(path: AnyPath | None = None, extra: Iterable[AnyPath] = ()) -> KnowledgeBase:
    """The function behind `mesoref.open`."""
    base = None if path is None else Path(path)
    return KnowledgeBase(cache.open_store(base, tuple(map(Path, many("extra", extra)))))


def check(path: AnyPath | None = None, extra: Iterable[AnyPath] = (), stale: int | None = None) -> Problems:
    """The function behind `mesoref.check`."""
    from mesoref.checks import check

    if stale is not None and stale < 0:
        raise UsageError(f"stale is a number of days, not {stale}")
    base = cache.data_folder() if path is None else Path(path)
    sources, problems = check([(base, False), *((Path(each), True) for each in many("extra", extra))], stale=stale)
    return Problems(problems, len(sources.entries), sources.as_of)


def _single(verb: str, names: Sequence[str]) -> Sequence[str]:
    if wrong := next((each for each in names if not isinstance(each, str)), None):
        raise TypeError(f"{verb} takes names one by one, not {wrong!r}")
    return names


def _some(verb: str, names: Sequence[str]) -> Sequence[str]:
    if not names:
        raise UsageError(f"{verb} takes a record, or several")
    return _single(verb, names)


def _positive(name: str, number: int) -> int:
    if number < 1:
        raise UsageError(f"{name} is 1 or more, not {number}")
    return number
