"""Records into the tables of a compiled base."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from mesoref.errors import BaseError
from mesoref.fold import fold
from mesoref.model import KINDS
from mesoref.rows import brief, facets_of, links_of, names_of
from mesoref.schema import Body, Kind, dump
from mesoref.store.sqlite import Progress, Row, insert, told_as

BATCH = 500

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL,
                      short TEXT NOT NULL, brief TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE names (folded TEXT NOT NULL, rank INTEGER NOT NULL, id TEXT NOT NULL REFERENCES records (id),
                    PRIMARY KEY (folded, rank, id)) WITHOUT ROWID;
CREATE TABLE facets (kind TEXT NOT NULL, field TEXT NOT NULL, folded TEXT NOT NULL, value TEXT NOT NULL,
                     number INTEGER NOT NULL REFERENCES records (number),
                     PRIMARY KEY (kind, field, folded, number)) WITHOUT ROWID;
CREATE TABLE links (source TEXT NOT NULL REFERENCES records (id), kind TEXT NOT NULL, field TEXT NOT NULL,
                    target TEXT NOT NULL REFERENCES records (id), role TEXT NOT NULL, position INTEGER NOT NULL,
                    PRIMARY KEY (source, position)) WITHOUT ROWID;
CREATE VIEW items AS
  SELECT records.id AS record, records.kind, field.key AS field, item.key AS position, item.value AS item
  FROM records, json_each (records.body) AS field, json_each (field.value) AS item
  WHERE field.type = 'array' AND item.type = 'object';
CREATE VIEW statements AS
  SELECT record, kind, field, position, json_extract (item, '$.text') AS text, json_extract (item, '$.level') AS level,
         json_extract (item, '$.seen') AS seen, json_extract (item, '$.as_of') AS as_of,
         json_extract (item, '$.refs') AS refs
  FROM items WHERE json_extract (item, '$.text') IS NOT NULL;
CREATE VIEW figures AS
  SELECT record, kind, field, position, json_extract (item, '$.measure') AS measure,
         json_extract (item, '$.value') AS value, json_extract (item, '$.unit') AS unit,
         json_extract (item, '$.n') AS n,
         json_extract (item, '$.group') AS "group", json_extract (item, '$.ci[0]') AS ci_low,
         json_extract (item, '$.ci[1]') AS ci_high, json_extract (item, '$.level') AS level,
         json_extract (item, '$.refs') AS refs
  FROM items WHERE json_extract (item, '$.measure') IS NOT NULL;
"""
INDEXES = """
CREATE INDEX records_of_kind ON records (kind, number);
CREATE INDEX links_to ON links (target, kind, source);
"""
"""Made when the tables are full, which is faster than to keep them in order while they fill."""


def _uncompiled(error: sqlite3.Error) -> BaseError:
    return BaseError(f"the base cannot be compiled ({error})")


@told_as(_uncompiled)
def write(connection: sqlite3.Connection, records: Iterable[tuple[Kind, Body]], meta: Mapping[str, str],
          progress: Progress | None = None) -> None:
    """Compile complete records into an empty database, in the order of kinds and ids; raises BaseError if it fails."""
    connection.executescript(TABLES)
    insert(connection, "meta", list(meta.items()))
    order = {name: index for index, name in enumerate(KINDS)}
    rows = sorted(records, key=lambda row: (order[row[0].name], row[1]["id"]))
    for start in range(0, len(rows), BATCH):
        batch = _Batch()
        for number, (kind, body) in enumerate(rows[start:start + BATCH], start + 1):
            batch.add(number, kind, body)
        batch.write(connection)
        if progress:
            progress(min(start + BATCH, len(rows)), len(rows))
    connection.executescript(INDEXES)
    connection.commit()


def copy(connection: sqlite3.Connection, file: Path) -> None:
    """Write a compiled base to a file that is empty or not there yet."""
    connection.execute("VACUUM INTO ?", (str(file),))


class _Batch:
    """The rows of some records, written table by table."""

    def __init__(self) -> None:
        self.records: list[Row] = []
        self.names: list[Row] = []
        self.facets: list[Row] = []
        self.links: list[Row] = []

    def add(self, number: int, kind: Kind, body: Body) -> None:
        """Take in a record."""
        id = body["id"]
        self.records.append((number, id, kind.name, str(body[kind.title]), str(body[kind.short]), brief(kind, body),
                             dump(body)))
        self.names += [(name, rank, id) for name, rank in names_of(kind, body)]
        self.facets += [(kind.name, field, fold(value), value, number) for field, value in facets_of(kind, body)]
        self.links += [(id, kind.name, field, target, role, position)
                       for position, (field, target, role) in enumerate(links_of(kind.cls, body))]

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what was taken in."""
        insert(connection, "records", self.records)
        insert(connection, "names", self.names, twice="IGNORE")
        insert(connection, "facets", self.facets, twice="IGNORE")
        insert(connection, "links", self.links)
