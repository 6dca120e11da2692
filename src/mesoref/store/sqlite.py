"""What all that speaks to SQLite here shares."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from mesoref.errors import BaseError

ROWS = 100
ONE_THREAD = sqlite3.threadsafety != 3

Progress = Callable[[int, int], None]
Row = tuple[Any, ...]


def in_memory() -> sqlite3.Connection:
    """An empty database in memory, for one user after the other."""
    connection = sqlite3.connect(":memory:", check_same_thread=ONE_THREAD)
    connection.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    return connection


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row], twice: str = "ABORT") -> None:
    """Add rows to a table, many in a statement; `twice` is what SQLite does with one that is there already."""
    for start in range(0, len(rows), ROWS):
        part = rows[start:start + ROWS]
        one = f"({','.join('?' * len(part[0]))})"
        connection.execute(f"INSERT OR {twice} INTO {table} VALUES {','.join([one] * len(part))}",
                           list(chain.from_iterable(part)))


@contextlib.contextmanager
def told_as(told: Callable[[sqlite3.Error], Exception]) -> Iterator[None]:
    """Where SQLite fails, says what that means."""
    try:
        yield
    except sqlite3.Error as error:
        raise told(error) from None


def unreadable(error: sqlite3.Error) -> BaseError:
    """What a reader is told where a compiled base fails."""
    return BaseError(f"the compiled base cannot be read ({error}); `mesoref info` tells where it is kept")
