"""RIS: a block of tagged lines a reference, for EndNote, Zotero, Mendeley and libraries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from mesoref.render.entries import OTHERS, RANGE, Author, Entry, entries
from mesoref.views import View

TAGS: Final = {"title": "TI", "venue": "T2", "year": "PY", "volume": "VL", "number": "IS",
               "version": "ET"}
ENDING: Final = {"doi": "DO", "pmid": "AN", "pmcid": "C2", "url": "UR", "keywords": "KW", "note": "N1"}


def write_ris(view: View, stream: TextIO) -> None:
    """One block a reference."""
    for entry in entries(view):
        stream.writelines(f"{tag}  - {value}\n" for tag, value in _lines(entry))
        stream.write("ER  - \n\n")


def _lines(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", "COMP" if entry.program else "JOUR" if entry.article else "ELEC" if entry.get("url") else "GEN"
    yield "ID", entry.id
    for author in entry.authors:
        yield "AU", _author(author)
    if entry.others:
        yield "AU", OTHERS
    yield from ((tag, entry.get(name)) for name, tag in TAGS.items() if entry.get(name))
    pages = entry.get("pages")
    if span := RANGE.fullmatch(pages):
        yield "SP", span["first"]
        yield "EP", span["last"]
    elif pages:
        yield "SP", pages
    yield from ((tag, entry.get(name)) for name, tag in ENDING.items() if entry.get(name))


def _author(author: Author) -> str:
    return ", ".join(each for each in (author.name, author.spaced, author.suffix) if each)
