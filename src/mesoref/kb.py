"""The knowledge base: open it, find records in it, follow their links. Immutable; it never prints."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from mesoref import cache
from mesoref.errors import NotFoundError, UsageError
from mesoref.fold import fold
from mesoref.model import KINDS
from mesoref.schema import Kind, Record
from mesoref.shell import command
from mesoref.store import Line, Store
from mesoref.store.sqlite import Progress

SHORTEST_BEGINNING = 3
V = TypeVar("V")


class KnowledgeBase:
    """All records of a base, read as they are asked for.

    Threads may ask it at once, where Python's SQLite is built for that, as it almost always is. A process that is
    forked off must open a base of its own.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.meta = store.meta()

    @property
    def as_of(self) -> str:
        """The date of the knowledge."""
        return self.meta["as_of"]

    def get(self, ids: Iterable[str]) -> dict[str, Record]:
        """Records by id, in the order asked for; unknown ids are left out."""
        return {id: KINDS[kind].cls.of_text(body) for id, (kind, body) in self.store.bodies(many("ids", ids)).items()}

    def find(self, name: str) -> Record:
        """The record that a name means: an id, a title, an alias, a symbol or an outside identifier.

        Case, blanks, hyphens and accents do not matter. Raises NotFoundError, with suggestions, where no record or more
        than one has that name; no name is ever completed.
        """
        line = self.resolve(name)
        return self.get([line.id])[line.id]

    def resolve(self, name: str) -> Line:
        """Like `find`, with the same errors, but only id, kind, title and brief."""
        found = self.store.lookup(fold(name)) if fold(name) else []
        best = [line for rank, line in found if rank == found[0][0]]
        if len(best) == 1:
            return best[0]
        if best:
            listed = "".join(f"\n  {each.id}  ({each.kind}) {each.title}" for each in best)
            raise NotFoundError(f"{name!r} can mean {len(best)} records; ask for one by its id:{listed}")
        near = self.suggest(name)
        hint = f"; did you mean {' or '.join(near)}?" if near else f"; try: {command('search', name)}"
        raise NotFoundError(f"no record named {name!r}{hint}")

    def suggest(self, name: str) -> list[str]:
        """Up to three ids of records whose names look like this one, or begin with it."""
        import difflib

        folded = fold(name)
        names = self.store.names_like(folded)
        near = difflib.get_close_matches(folded, dict(names), 6, 0.7)
        by_name: dict[str, list[str]] = {}
        for each, id in names:
            by_name.setdefault(each, []).append(id)
        alike = [id for each in near for id in by_name[each]]
        begun = self.store.called_from(folded, 3) if len(folded) >= SHORTEST_BEGINNING else []
        return list(dict.fromkeys([*begun[:2], *alike, *begun]))[:3]

    def kind(self, name: str) -> Kind:
        """The kind with this name, in singular or plural; raises UsageError where there is none."""
        wanted = fold(name)
        for kind in KINDS.values():
            if wanted in (fold(kind.name), fold(kind.plural)):
                return kind
        raise UsageError(f"no kind named {name!r}; the kinds are {', '.join(each.plural for each in KINDS.values())}")

    def all(self, kind: str) -> list[Record]:
        """Every record of a kind, by id; raises UsageError for an unknown kind."""
        return list(self.select(kind).values())

    def select(self, kind: str, where: Sequence[tuple[str, str]] = (), linked: Sequence[str] = ()) -> dict[str, Record]:
        """The records of a kind that meet all conditions, by id; `where` and `linked` as in `Store.of_kind`."""
        wanted = self.kind(kind)
        return {id: wanted.cls.of_text(body) for id, body in self.store.of_kind(wanted.name, where, linked)}

    def close(self) -> None:
        """Close the compiled base; whatever is asked afterwards raises BaseError."""
        self.store.close()


def many(name: str, values: Iterable[V]) -> tuple[V, ...]:
    """The values of an argument; raises TypeError for a text or a path, whose letters nobody means."""
    if isinstance(values, str | bytes | os.PathLike):
        raise TypeError(f"{name} is a list, not one text: [{os.fspath(values)!r}]")
    return tuple(values)


def open_base(path: Path | None = None, extra: Sequence[Path] = (),
              progress: Progress | None = None) -> KnowledgeBase:
    """Open the shipped base, or the one at `path`, with more records laid over it.

    Compiles it first if its sources have changed. Raises BaseError, with every problem, where it cannot be read or is
    invalid.
    """
    return KnowledgeBase(cache.open_store(path, tuple(extra), progress))
