"""mesoref: the offline, cited reference on gene therapy for mesothelioma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mesoref.api import AnyPath, KnowledgeBase

__all__ = ["KnowledgeBase", "__version__", "open"]

__version__ = "0.1.0"


def open(path: AnyPath | None = None, extra: Iterable[AnyPath] = ()) -> KnowledgeBase:
    """Open the shipped base, or the one at `path`, a file or a folder, with the records of `extra` laid over it.

    Raises `mesoref.errors.BaseError`, with every problem, where it cannot be read or is invalid.
    """
    from mesoref.api import open_base

    return open_base(path, extra)


def __getattr__(name: str) -> Any:
    """The public classes, imported when they are asked for: `import mesoref` must cost nothing."""
    if name == "KnowledgeBase":
        from mesoref.api import KnowledgeBase

        return KnowledgeBase
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
