"""BibTeX: an entry a reference, for LaTeX and for every program that manages references."""

from __future__ import annotations

from typing import Final, TextIO

from mesoref.render.clean import bibtex, verbatim
from mesoref.render.entries import Author, Entry, entries
from mesoref.views import View

FIELDS: Final = {"year": "year", "volume": "volume", "number": "number", "pages": "pages", "pmid": "pmid",
                 "pmcid": "pmcid", "version": "version", "keywords": "keywords", "note": "note", "annote": "annote"}
VERBATIM: Final = ("doi", "url")


def write_bibtex(view: View, stream: TextIO) -> None:
    """One entry a reference; the key is the id."""
    stream.write("\n".join(_entry(each) for each in entries(view)))


def _entry(entry: Entry) -> str:
    fields: dict[str, str] = {}
    if entry.authors or entry.others:
        fields["author"] = " and ".join([*map(_author, entry.authors), *(["others"] if entry.others else [])])
    # The second pair of braces keeps the capitals of names, genes and products in every style.
    fields["title"] = f"{{{bibtex(entry.get('title'))}}}"
    if entry.get("venue"):
        fields["journal" if entry.article else "howpublished"] = bibtex(entry.get("venue"))
    fields |= {name: bibtex(entry.get(key)) for key, name in FIELDS.items() if entry.get(key)}
    fields |= {name: verbatim(entry.get(name)) for name in VERBATIM if entry.get(name)}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{'article' if entry.article else 'misc'}{{{entry.id},\n{lines}}}\n"


def _author(author: Author) -> str:
    """A person by family name first; a body in braces, so that no part of its name is taken for a person's."""
    name = bibtex(author.name)
    if not author.initials:
        return f"{{{name}}}"
    return ", ".join(each for each in (name, author.suffix, author.spaced) if each)
