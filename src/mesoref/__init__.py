"""mesoref: the offline, cited reference on gene therapy for mesothelioma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoref.api import AnyPath, KnowledgeBase
    from mesoref.views import Problems, View

__all__ = ["KnowledgeBase", "__version__", "as_text", "check", "open"]

__version__ = "0.1.0"


def open(path: AnyPath | None = None, extra: Iterable[AnyPath] = ()) -> KnowledgeBase:
    """Open the shipped base, or the one at `path`, a file or a folder, with the records of `extra` laid over it.

    Raises `mesoref.errors.BaseError`, with every problem, where it cannot be read or is invalid. What it opens is
    to be closed: by `close`, or by a `with`.
    """
    from mesoref.api import open_base

    return open_base(path, extra)


def check(path: AnyPath | None = None, extra: Iterable[AnyPath] = (), stale: int | None = None) -> Problems:
    """Every mistake in the sources of a base, named as for `open`; none of them is an error here.

    With `stale`, also what was last confirmed more than so many days ago; raises UsageError where that is below 0.
    """
    from mesoref.api import check

    return check(path, extra, stale)


def as_text(view: View, format: str = "plain") -> str:
    """A view in a format of the command line: plain, table, json, jsonl, csv, tsv, markdown, html, svg, bibtex, ...

    Raises `mesoref.errors.UsageError` for an unknown format and for one that has no words for such a view.
    """
    from mesoref.render import as_text

    return as_text(view, format)


def __getattr__(name: str) -> Any:
    """The public classes, imported when they are asked for: `import mesoref` must cost nothing."""
    if name == "KnowledgeBase":
        from mesoref.api import KnowledgeBase

        return KnowledgeBase
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
