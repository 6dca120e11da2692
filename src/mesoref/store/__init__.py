"""The compiled base: one SQLite file with every record, name and link, and full text once somebody has searched it.

SQL is in this package alone: here what asks, in its modules what writes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

from mesoref.errors import BaseError
from mesoref.fold import fold, spelling
from mesoref.frozen import Frozen
from mesoref.model import KINDS
from mesoref.rows import ALIAS, IDENTIFIER, TITLE
from mesoref.store.sqlite import Progress, unreadable

LAYOUT = 6
CHUNK = 500
LONGEST_OFFERED = 80
MOST_SCORED, MOST_READ = 2_000, 10_000


class Line(Frozen):
    """A record as it is named in passing."""

    id: str
    kind: str
    title: str
    short: str
    brief: str


class LinkRow(Frozen):
    """One mention: the record that names, in which field, whom, and in which role."""

    source: str
    field: str
    target: str
    role: str


class Store:
    """A compiled base, open for reading; what it cannot read, or not any more, is a BaseError.

    Its full-text index is made when it is first searched, in memory, and `keep` is given the base that has it; whatever
    other threads ask has to wait for that.
    """

    def __init__(self, connection: sqlite3.Connection, keep: Callable[[sqlite3.Connection], None] | None = None,
                 progress: Progress | None = None) -> None:
        self.connection = connection
        self._keep, self._progress = keep, progress
        self._indexed = self._closed = False
        # Threads that ask the same at once would bind their values to the one statement that the connection keeps.
        self._turn = Lock()

    def close(self) -> None:
        """Close the base; a thread that still asks gets its answer first."""
        with self._turn:
            self._closed = True
            self.connection.close()

    @contextlib.contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            with self._turn:
                yield
        except sqlite3.Error as error:
            if self._closed:
                raise BaseError("the base is closed; open it again to ask it") from None
            raise unreadable(error) from None

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._asked():
            return self.connection.execute(sql, values).fetchall()

    def _index(self) -> None:
        """Make the full-text index, if nobody has yet."""
        from mesoref.store.fulltext import is_indexed, with_full_text

        with self._asked():
            if not (self._indexed or is_indexed(self.connection)):
                before, self.connection = self.connection, with_full_text(self.connection, self._progress)
                if self.connection is not before:
                    before.close()
                if self._keep:
                    self._keep(self.connection)
            self._indexed = True

    def _of(self, sql: str, ids: Iterable[str], *before: Any) -> Iterator[Any]:
        """The rows of a query with `{}` for a list of ids, asked in portions that SQLite takes."""
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start:start + CHUNK]
            yield from self._all(sql.format(",".join("?" * len(part))), (*before, *part))

    def meta(self) -> dict[str, str]:
        """What the base says of itself: layout, version, as_of, hash of the sources."""
        return dict(self._all("SELECT key, value FROM meta"))

    def bodies(self, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Kind and body (JSON text) of records, by id, in the order asked for; unknown ids are left out."""
        wanted = list(dict.fromkeys(ids))
        found = {id: (kind, body) for id, kind, body in
                 self._of("SELECT id, kind, body FROM records WHERE id IN ({})", wanted)}
        return {id: found[id] for id in wanted if id in found}

    def of_kind(self, kind: str, where: Sequence[tuple[str, str]] = (),
                linked: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Id and body of every record of a kind that meets all conditions, by id.

        `where` are fields with the folded value that each must have, or `id` with the id itself; `linked` are ids of
        records that each must name or be named by.
        """
        # Where there are conditions the records are found by them: the plus keeps SQLite from reading all of the kind.
        sql = f"SELECT id, body FROM records WHERE {'+' if where or linked else ''}kind = ?"
        values: list[Any] = [kind]
        for field, folded in where:
            if field == "id":
                sql += " AND id = ?"
                values.append(folded)
            else:
                sql += " AND number IN (SELECT number FROM facets WHERE kind = ? AND field = ? AND folded = ?)"
                values += [kind, field, folded]
        for id in linked:
            sql += (" AND id IN (SELECT target FROM links WHERE source = ? "
                    "UNION SELECT source FROM links WHERE target = ?)")
            values += [id, id]
        return self._all(sql + " ORDER BY number", values)

    def lines(self, ids: Iterable[str]) -> dict[str, Line]:
        """Title and brief of records, by id."""
        return {row[0]: Line(*row) for row in
                self._of("SELECT id, kind, title, short, brief FROM records WHERE id IN ({})", ids)}

    def named(self, ids: Iterable[str]) -> dict[str, Line]:
        """Title and brief of all records that these name, by id."""
        return {row[0]: Line(*row) for row in self._of(
            "SELECT id, kind, title, short, brief FROM records WHERE id IN "
            "(SELECT target FROM links WHERE source IN ({}))", ids)}

    def lookup(self, folded: str) -> list[tuple[int, Line]]:
        """The records that a folded name means, with the rank of the name: id, title, alias or identifier."""
        return [(rank, Line(*row)) for rank, *row in self._all(
            "SELECT min(rank), id, kind, title, short, brief FROM names JOIN records USING (id) WHERE folded = ? "
            "GROUP BY id ORDER BY 1, number", (folded,))]

    def called(self, kind: str, folded: Iterable[str]) -> list[str]:
        """The ids of the records of a kind whose title or alias is one of these folded names."""
        return list(dict.fromkeys(row[0] for row in self._of(
            "SELECT id FROM names JOIN records USING (id) WHERE kind = ? AND rank IN (?, ?) AND folded IN ({})",
            folded, kind, TITLE, ALIAS)))

    def names_like(self, folded: str) -> list[tuple[str, str]]:
        """Folded names with their ids that are about as long as the one given and begin or end like it.

        Those that begin with the same two letters are looked at first, and `MOST_READ` of them and of all are enough.
        """
        begun = folded[:2]
        return self._all(
            "SELECT folded, id FROM (SELECT * FROM (SELECT * FROM names WHERE folded >= ? AND folded < ? LIMIT ?) "
            "UNION SELECT * FROM (SELECT * FROM names LIMIT ?)) WHERE rank < ? AND length(folded) BETWEEN ? AND ? AND "
            "(folded BETWEEN ? AND ? OR substr(folded, 3) LIKE ?) LIMIT ?",
            (begun, begun + "\uffff", MOST_READ, MOST_READ, IDENTIFIER, len(folded) - 3, len(folded) + 3,
             folded[:1], folded[:1] + "\uffff", f"%{folded[2:5]}%", MOST_SCORED))

    def called_from(self, folded: str, limit: int) -> list[str]:
        """Ids of records with a name that begins so, those of the first kinds first; `MOST_READ` names are enough."""
        return [row[0] for row in self._all(
            "SELECT id FROM (SELECT id FROM names WHERE folded >= ? AND folded < ? AND rank < ? LIMIT ?) "
            "JOIN records USING (id) GROUP BY id ORDER BY number LIMIT ?",
            (folded, folded + "\uffff", IDENTIFIER, MOST_READ, limit))]

    def ids_beginning(self, prefix: str, kind: str = "", limit: int = 200) -> list[tuple[str, str]]:
        """Ids with their titles, for completion."""
        return self._all("SELECT id, title FROM records WHERE id >= ? AND id < ? AND (? IN ('', kind)) "
                         "ORDER BY id LIMIT ?", (prefix, prefix + "\uffff", kind, limit))

    def facet_values(self, kind: str, field: str, prefix: str = "", limit: int = 200) -> list[str]:
        """The values that a field has, those left out that are too long to be chosen from a list, for completion."""
        return [row[0] for row in self._all(
            "SELECT DISTINCT value FROM facets WHERE kind = ? AND field = ? AND folded >= ? AND folded < ? "
            "AND length(value) <= ? LIMIT ?",
            (kind, field, fold(prefix), fold(prefix) + "\uffff", LONGEST_OFFERED, limit))]

    def named_by(self, ids: Iterable[str]) -> list[LinkRow]:
        """Every mention in these records."""
        return [LinkRow(*row) for row in self._of(
            "SELECT source, field, target, role FROM links WHERE source IN ({}) ORDER BY source, position", ids)]

    def naming(self, ids: Iterable[str]) -> list[tuple[LinkRow, str]]:
        """Every mention of these records, with the kind of the record that mentions."""
        return [(LinkRow(*row), kind) for *row, kind in self._of(
            "SELECT source, field, target, role, links.kind FROM links JOIN records ON id = source "
            "WHERE target IN ({}) ORDER BY number, position", ids)]

    def namers(self, id: str, limit: int) -> dict[str, list[Line]]:
        """The records that name this one, by kind; of each kind the first so many, by id."""
        of_kind = ("SELECT * FROM (SELECT DISTINCT source FROM links WHERE target = ? AND kind = ? "
                   "ORDER BY source LIMIT ?)")
        rows = self._all(" UNION ALL ".join([of_kind] * len(KINDS)), [each for kind in KINDS for each in
                                                                      (id, kind, limit)])
        found: dict[str, list[Line]] = {kind: [] for kind in KINDS}
        for line in sorted(self.lines(row[0] for row in rows).values(), key=lambda each: each.id):
            found[line.kind].append(line)
        return found

    def counts(self) -> dict[str, int]:
        """How many records each kind has."""
        found = dict(self._all("SELECT kind, count(*) FROM records GROUP BY kind"))
        return {name: found.get(name, 0) for name in KINDS}

    def count_statements(self) -> dict[str, int]:
        """How many statements and figures there are."""
        return {each: self._all(f"SELECT count(*) FROM {each}")[0][0] for each in ("statements", "figures")}

    def matching(self, query: str, weights: Sequence[float], kind: str = "", limit: int = 20) -> list[str]:
        """Ids of the records that match a full-text query, the best first; every word of it must be quoted.

        Of a query that more than `MOST_SCORED` records match, only so many are weighed, in the order of kinds and ids:
        what a question costs must not grow with the base.
        """
        self._index()
        first, last = 0, self.size()
        if kind:
            first, last = self._all("SELECT min(number), max(number) FROM records WHERE kind = ?", (kind,))[0]
        return [row[0] for row in self._all(
            "SELECT id FROM (SELECT number, score FROM (SELECT rowid AS number, bm25(search, ?, ?, ?, ?) AS score "
            "FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?) ORDER BY score, number LIMIT ?) "
            "JOIN records USING (number) ORDER BY score, number",
            (*weights, query, first, last, MOST_SCORED, limit))]

    def frequency(self, query: str) -> int:
        """How many records match a full-text query; counting ends at `MOST_SCORED`."""
        self._index()
        found: int = self._all("SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)",
                               (query, MOST_SCORED))[0][0]
        return found

    def size(self) -> int:
        """How many records there are."""
        found: int = self._all("SELECT coalesce(max(number), 0) FROM records")[0][0]
        return found

    def forms(self, stems: Iterable[str]) -> dict[str, dict[str, int]]:
        """By stem, the words that the base has of it, each with the number of records that it stands in."""
        self._index()
        found: dict[str, dict[str, int]] = {}
        for stem, word, records in self._of("SELECT stem, word, records FROM vocabulary WHERE stem IN ({})", stems):
            found.setdefault(stem, {})[word] = records
        return found

    def words_beginning(self, prefix: str, limit: int = 20) -> list[tuple[str, str]]:
        """The words that begin so, with their stems, the commonest first."""
        self._index()
        return self._all("SELECT word, stem FROM (SELECT * FROM vocabulary WHERE word >= ? AND word < ? LIMIT ?) "
                         "ORDER BY records DESC, word LIMIT ?", (prefix, prefix + "\U0010ffff", MOST_SCORED, limit))

    def words_like(self, word: str, limit: int = 2000) -> list[str]:
        """Words of about the same length that begin with its first or its second letter, the commonest first."""
        self._index()
        found = []
        for letter in dict.fromkeys(word[:2]):
            found += self._all("SELECT word FROM vocabulary WHERE word >= ? AND word < ? "
                               "AND length(word) BETWEEN ? AND ? ORDER BY records DESC, word LIMIT ?",
                               (letter, letter + "\U0010ffff", len(word) - 2, len(word) + 2, limit))
        return [row[0] for row in found]


def phrase(words: Iterable[str]) -> str:
    """Words that follow each other, in the language of the full-text index: letters and digits alone, and quoted."""
    return f'"{" ".join(map(spelling, words))}"'
