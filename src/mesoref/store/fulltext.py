"""The full-text index of a compiled base: how it cuts words, and how it is made when somebody first searches."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mesoref.errors import BaseError
from mesoref.fold import fold, spellings, words_and_compounds
from mesoref.model import KINDS
from mesoref.rows import texts_of
from mesoref.schema import Body, Kind
from mesoref.store.sqlite import Progress, in_memory, insert, told_as, unreadable

SEARCH = ("names", "plain", "facts", "sources")
TOKENS = "porter unicode61 remove_diacritics 2"
BATCH = 500

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


def _unsearchable(error: sqlite3.Error) -> BaseError:
    return BaseError(f"the base cannot be searched ({error})")


@told_as(unreadable)
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
        insert(scratch, "said (rowid, word)", [(-1, " ".join([spelled[each] for each in even])),
                                               *((each, spelled[each]) for each in odd)])
        for stem, row, place in scratch.execute("SELECT term, doc, offset FROM heard"):
            found[row if row >= 0 else even[place]] = stem
    return found


def is_indexed(connection: sqlite3.Connection) -> bool:
    """Whether a compiled base has its full-text index."""
    return bool(connection.execute("SELECT 1 FROM meta WHERE key = 'indexed'").fetchone())


@told_as(_unsearchable)
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
        insert(connection, "search (rowid, names, plain, facts, sources)",
                [(number, *(" ".join(map(spelled.__getitem__, each)) for each in said))
                 for number, _, _, said in texts])
        if progress:
            progress(batch[-1][0], len(titles))
    words = sorted(vocabulary)
    stemmed = _stems_of([spelled[each] for each in words])
    insert(connection, "vocabulary",
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
