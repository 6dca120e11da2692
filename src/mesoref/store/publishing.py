"""A base laid out for people: a table a kind, keys, and full text that they can ask."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mesoref.store.fulltext import TOKENS
from mesoref.store.sqlite import told_as
from mesoref.tables import Sheet


def publish(file: Path, tables: Sequence[Sheet], rows: Iterable[tuple[str, Sequence[Any]]],
            meta: Mapping[str, str]) -> None:
    """Write tables with their keys and full text to a new file, for people; the same content gives the same bytes.

    Raises OSError where the file cannot be written. A full-text index points to the rows of its table by number, so
    the file must not be vacuumed afterwards.
    """
    with (told_as(lambda error: OSError(None, str(error), str(file))),
          contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection):
        connection.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        width = {each.name: len(each.columns) for each in tables}
        for each in tables:
            connection.execute(_declaration(each))
        for name, row in rows:
            connection.execute(f'INSERT INTO "{name}" VALUES ({",".join("?" * width[name])})', row)
        for each in tables:
            for column in each.columns:
                if column.target and each.key[0] != column.name:
                    connection.execute(f'CREATE INDEX "{each.name}_{column.name}" ON "{each.name}" ("{column.name}")')
            if each.search:
                index = f'"{each.name}_fts"'
                connection.execute(f"CREATE VIRTUAL TABLE {index} USING fts5 ({', '.join(each.search)}, "
                                   f"content=\"{each.name}\", tokenize='{TOKENS}')")
                connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
        connection.execute("COMMIT")


AFFINITIES = {"string": "TEXT", "array": "TEXT", "integer": "INTEGER", "boolean": "INTEGER", "number": "REAL",
              "any": ""}


def _declaration(table: Sheet) -> str:
    columns = [f'"{each.name}" {AFFINITIES[each.type]}{" NOT NULL" if each.required else ""}'
               + (f' REFERENCES "{each.target}" (id)' if each.target else "") for each in table.columns]
    key = ", ".join(f'"{each}"' for each in table.key)
    return f'CREATE TABLE "{table.name}" ({", ".join(columns)}, PRIMARY KEY ({key}))'
