"""References as the entries of a bibliography: what BibTeX, RIS and CSL-JSON share. Nothing is added to a record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mesoref.frozen import Frozen
from mesoref.model import STUDIES
from mesoref.render.clean import line
from mesoref.schema import Record
from mesoref.values import COPIED, address
from mesoref.views import Bibliography, Profiles, Table, View

PLACE: Final = {"volume", "number", "pages", "doi", "pmid"}
NO_JOURNAL = re.compile(r"\b(meeting|congress|conference|symposium|service)\b|\w\.\w", re.IGNORECASE)
LEADING: Final = {"doi", "pmid", "pmcid", "url"}
OTHERS: Final = "et al."
SUFFIXES: Final = ("Jr", "Sr", "2nd", "3rd", "II", "III")
COUNTRIES: Final = ("UK", "US", "USA", "EU")
ISSUE = re.compile(r"(?P<volume>[^()]*)\((?P<issue>[^()]+)\)")
RANGE = re.compile(r"(?P<first>[A-Za-z]*\d+)[-\u2013](?P<last>[A-Za-z]*\d+)")


class Author(Frozen):
    """A person by family name, initials and suffix, or, without initials, a body by its name."""

    name: str
    initials: str = ""
    suffix: str = ""

    @property
    def spaced(self) -> str:
        """The initials with points and blanks."""
        return " ".join("-".join(f"{each}." for each in part.split("-") if each)
                        for part in re.findall(r"\w(?:-\w)?", self.initials))


class Entry(Frozen):
    """A reference by the names that its fields have in a bibliography."""

    id: str
    values: dict[str, str]
    authors: tuple[Author, ...]
    others: bool
    article: bool
    program: bool

    def get(self, name: str) -> str:
        """The value of a field; empty where there is none."""
        return self.values.get(name, "")


def entries(view: View) -> list[Entry]:
    """The references that a view is about."""
    return [_entry(each) for each in _records(view)]


def _records(view: View) -> tuple[Record, ...]:
    match view:
        case Bibliography():
            return view.references
        case Table():
            return view.records
        case Profiles():
            return tuple(each.record for each in view.profiles)
        case _:
            return ()


def _entry(record: Record) -> Entry:
    found: dict[str, Any] = {field.bibtex: record.data[key] for key, field in record.fields.items()
                             if field.bibtex and record.data.get(key) not in (None, [], "")}
    names = [line(each) for each in found.pop("author", ())]
    values = {name: line(str(value)) for name, value in found.items()}
    if not values.keys() & LEADING and (page := address(record)):
        values["url"] = page
        if page == record.data.get("copy"):
            values["note"] = COPIED
    if parts := ISSUE.fullmatch(values.get("volume", "")):
        del values["volume"]
        values |= {"volume": parts["volume"], "number": parts["issue"]}
    authors = tuple(author(each) for each in names if each != OTHERS)
    return Entry(record.id, {k: v for k, v in values.items() if v}, authors, OTHERS in names,
                 _is_article(values, authors), values.get("keywords") == "software")


def _is_article(values: Mapping[str, str], authors: Sequence[Author]) -> bool:
    """Whether a source stands in a journal: it has a place in it, or else it is a study by people in a venue.

    In doubt it is none, for an article that is called something else can still be found.
    """
    if values.keys() & PLACE:
        return "venue" in values
    return (values.get("keywords") in STUDIES and any(each.initials for each in authors)
            and "venue" in values and not NO_JOURNAL.search(values["venue"]))


def author(name: str) -> Author:
    """A name taken apart: a family name with up to four initials behind it is a person, everything else a body."""
    words = name.split(" ")
    suffix = words.pop() if len(words) > 2 and words[-1].rstrip(".") in SUFFIXES else ""
    initials = words[-1]
    family = " ".join(words[:-1])
    person = family and initials.replace("-", "").isalpha() and initials.isupper() and len(initials) <= 4
    if not person or (initials in COUNTRIES and " " in family):
        return Author(name)
    return Author(family, initials, suffix)
