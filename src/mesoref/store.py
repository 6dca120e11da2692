"""The compiled base: one SQLite file with every record, name and link, and full text once somebody has searched it.

The only module with SQL.

Besides that, `publish` lays a base out for people: with a table a kind, keys, and full text that they can ask.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from mesoref.errors import BaseError
from mesoref.fold import fold, spelling, spellings, words_and_compounds
from mesoref.frozen import Frozen
from mesoref.model import KINDS
from mesoref.rows import ALIAS, IDENTIFIER, TITLE, brief, facets_of, links_of, names_of, texts_of
from mesoref.schema import Body, Kind, dump

if TYPE_CHECKING:
    from mesoref.tables import Sheet

LAYOUT = 6
SEARCH = ("names", "plain", "facts", "sources")
CHUNK, BATCH, ROWS = 500, 500, 100
LONGEST_OFFERED = 80
TOKENS = "porter unicode61 remove_diacritics 2"
MOST_SCORED, MOST_READ = 2_000, 10_000

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

FULL_TEXT = f"""
DROP TABLE IF EXISTS search;
DROP TABLE IF EXISTS vocabulary;
CREATE VIRTUAL TABLE search USING fts5 (names, plain, facts, sources, content='', tokenize='{TOKENS}');
CREATE TABLE vocabulary (word TEXT PRIMARY KEY, stem TEXT NOT NULL, records INTEGER NOT NULL) WITHOUT ROWID;
"""
WHOLE = """
CREATE INDEX vocabulary_of_stem ON vocabulary (stem, word, records);
INSERT INTO meta VALUES ('indexed', 'yes');
"""
"""What ends it: what broke off before is made anew."""

ONE_THREAD = sqlite3.threadsafety != 3

Progress = Callable[[int, int], None]
Row = tuple[Any, ...]


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
            raise _unreadable(error) from None

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._asked():
            return self.connection.execute(sql, values).fetchall()

    def _index(self) -> None:
        """Make the full-text index, if nobody has yet."""
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


def _unreadable(error: sqlite3.Error) -> BaseError:
    return BaseError(f"the compiled base cannot be read ({error}); `mesoref info` tells where it is kept")


def _uncompiled(error: sqlite3.Error) -> BaseError:
    return BaseError(f"the base cannot be compiled ({error})")


def _unsearchable(error: sqlite3.Error) -> BaseError:
    return BaseError(f"the base cannot be searched ({error})")


@contextlib.contextmanager
def _told_as(told: Callable[[sqlite3.Error], Exception]) -> Iterator[None]:
    """Where SQLite fails, says what that means."""
    try:
        yield
    except sqlite3.Error as error:
        raise told(error) from None


@_told_as(_unreadable)
def stems(words: Iterable[str]) -> dict[str, str]:
    """Words by what the full-text index makes of them: SQLite's own stemmer is asked, so that both always agree."""
    wanted = list(words)
    return dict(zip(wanted, _stems_of(spellings(wanted)), strict=True))


def _stems_of(spelled: Sequence[str]) -> list[str]:
    """The stems of words as they are spelled in the index."""
    found = list(spelled)
    even: list[int] = []
    odd: list[int] = []
    for number, word in enumerate(spelled):
        # Letters and digits of ASCII are one token, whatever they are, so that one row holds all such words.
        (even if word.isascii() and word.isalnum() else odd).append(number)
    with contextlib.closing(sqlite3.connect(":memory:")) as scratch:
        scratch.executescript(f"CREATE VIRTUAL TABLE said USING fts5 (word, content='', columnsize=0, "
                              f"tokenize='{TOKENS}'); CREATE VIRTUAL TABLE heard USING fts5vocab (said, instance);")
        _insert(scratch, "said (rowid, word)", [(-1, " ".join([spelled[each] for each in even])),
                                                *((each, spelled[each]) for each in odd)])
        for stem, row, place in scratch.execute("SELECT term, doc, offset FROM heard"):
            found[row if row >= 0 else even[place]] = stem
    return found


def in_memory() -> sqlite3.Connection:
    """An empty database in memory, for one user after the other."""
    connection = sqlite3.connect(":memory:", check_same_thread=ONE_THREAD)
    connection.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    return connection


@_told_as(_uncompiled)
def write(connection: sqlite3.Connection, records: Iterable[tuple[Kind, Body]], meta: Mapping[str, str],
          progress: Progress | None = None) -> None:
    """Compile complete records into an empty database, in the order of kinds and ids; raises BaseError if it fails."""
    connection.executescript(TABLES)
    _insert(connection, "meta", list(meta.items()))
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


def is_indexed(connection: sqlite3.Connection) -> bool:
    """Whether a compiled base has its full-text index."""
    return bool(connection.execute("SELECT 1 FROM meta WHERE key = 'indexed'").fetchone())


@_told_as(_unsearchable)
def with_full_text(connection: sqlite3.Connection, progress: Progress | None = None) -> sqlite3.Connection:
    """A compiled base with full text: itself if it is in memory, else a copy there; raises BaseError if it fails."""
    _, _, file = connection.execute("PRAGMA database_list").fetchone()
    if not file:
        _add_full_text(connection, progress)
        return connection
    copied = in_memory()
    try:
        connection.backup(copied)
        _add_full_text(copied, progress)
    except BaseException:
        copied.close()
        raise
    return copied


def _add_full_text(connection: sqlite3.Connection, progress: Progress | None) -> None:
    connection.executescript(FULL_TEXT)
    titles = dict(connection.execute("SELECT id, title FROM records"))
    rows = connection.execute("SELECT number, kind, body FROM records ORDER BY number")
    vocabulary: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    while batch := rows.fetchmany(BATCH):
        texts = [(number, *_texts(KINDS[kind], json.loads(body), titles)) for number, kind, body in batch]
        for _, found, _, _ in texts:
            vocabulary.update(found)
        new = set().union(*(each for _, found, names, _ in texts for each in (found, names))).difference(spelled)
        spelled.update(zip(new, spellings(new), strict=True))
        _insert(connection, "search (rowid, names, plain, facts, sources)",
                [(number, *(" ".join(map(spelled.__getitem__, each)) for each in said))
                 for number, _, _, said in texts])
        if progress:
            progress(batch[-1][0], len(titles))
    words = sorted(vocabulary)
    stemmed = _stems_of([spelled[each] for each in words])
    _insert(connection, "vocabulary",
            [(word, stem, vocabulary[word]) for word, stem in zip(words, stemmed, strict=True)])
    connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    connection.commit()
    connection.executescript(WHOLE)


def _texts(kind: Kind, body: Body, titles: Mapping[str, str]) -> tuple[set[str], list[str], list[list[str]]]:
    """The words of a record, its names as they are folded, and what is said in each part of the index."""
    texts: dict[str, list[str]] = {part: [] for part in SEARCH}
    for part, _, _, text in texts_of(kind, body, titles):
        texts[part].append(text)
    said = [words_and_compounds("\n".join(each)) for each in texts.values()]
    found = set().union(*said)
    names = list(map(fold, texts["names"]))
    said[SEARCH.index("names")] += names
    return found, names, said


def copy(connection: sqlite3.Connection, file: Path) -> None:
    """Write a compiled base to a file that is empty or not there yet."""
    connection.execute("VACUUM INTO ?", (str(file),))


def publish(file: Path, tables: Sequence[Sheet], rows: Iterable[tuple[str, Sequence[Any]]],
            meta: Mapping[str, str]) -> None:
    """Write tables with their keys and full text to a new file, for people; the same content gives the same bytes.

    Raises OSError where the file cannot be written. A full-text index points to the rows of its table by number, so
    the file must not be vacuumed afterwards.
    """
    with (_told_as(lambda error: OSError(None, str(error), str(file))),
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
        _insert(connection, "records", self.records)
        _insert(connection, "names", self.names, twice="IGNORE")
        _insert(connection, "facets", self.facets, twice="IGNORE")
        _insert(connection, "links", self.links)


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row], twice: str = "ABORT") -> None:
    """Add rows to a table, many in a statement; `twice` is what SQLite does with one that is there already."""
    for start in range(0, len(rows), ROWS):
        part = rows[start:start + ROWS]
        one = f"({','.join('?' * len(part[0]))})"
        connection.execute(f"INSERT OR {twice} INTO {table} VALUES {','.join([one] * len(part))}",
                           list(chain.from_iterable(part)))
