"""The words of a text that the base defines, and sentences: what an explanation is chosen from, never cut from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mesoref.fold import fold
from mesoref.kb import KnowledgeBase
from mesoref.schema import Kind, Record

LONGEST = 6
STEM = 6
WORD = re.compile(r"[^\W_]+")
WITHIN = re.compile(r"[ ’'/\u2010-\u2013-]")
END = re.compile(r"(?<=[\w)%\"”’'][.!?])[\"”’)]?\s+(?=[A-Z0-9\"“(])")
ABBREVIATED = re.compile(r"(?:^|[\s(])(?:\w|e\.g|i\.e|et al|vs|ca|approx|no|nos|fig|dr|st|prof|cf)\.$", re.IGNORECASE)
CAPITALS = re.compile(r"[A-Z]{2,}")
JOINED = "-\u2010\u2011"

Names = Mapping[str, list[tuple[str, str]]]
"""Folded names to names and the ids that have them."""


def sentences(text: str) -> list[str]:
    """The sentences of a text; in doubt two stay one."""
    found, begin = [], 0
    for end in END.finditer(text):
        if not ABBREVIATED.search(text[begin:end.start()]):
            found.append(text[begin:end.start()] + end[0].rstrip())
            begin = end.end()
    return [*found, text[begin:]]


def names_of(record: Record) -> list[str]:
    """What a record is called: its title and abbreviations and other forms of it, but not what paraphrases it.

    A reader who meets `into a vein` needs no definition of `intravenous`.
    """
    others = (each for field in record.fields.values() if field.finds for each in field.items(record.data))
    return [record.title, *(each for each in others if CAPITALS.search(each)
                            or fold(each)[:STEM] == fold(record.title)[:STEM])]


def folded(records: Iterable[Record]) -> Names:
    """The names of records, ready to be looked up."""
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for record in records:
        for name in names_of(record):
            names[fold(name)].append((name, record.id))
    return names


def met(kb: KnowledgeBase, texts: Iterable[str], kinds: Iterable[Kind]) -> list[tuple[Record, str]]:
    """The records of some kinds that these texts name, by their titles, each with the name by which it was met."""
    given = list(texts)
    asked = {form for text in given for _, _, run in _runs(text) for form in _forms(run)}
    found = kb.get(id for kind in kinds for id in kb.store.called(kind.name, asked))
    names = folded(found.values())
    used = {id: name for text in given for id, name in occurring(text, names)}
    return sorted(((found[id], name) for id, name in used.items()), key=lambda each: fold(each[0].title))


def occurring(text: str, names: Names) -> Iterator[tuple[str, str]]:
    """The ids whose names occur in a text as whole words, with the name; of names that overlap the longest counts.

    A name with capitals in a row, such as an abbreviation, must have them in the text too.
    """
    done = 0
    for begin, end, run in _runs(text):
        if begin >= done:
            here = {id: name for form in _forms(run) for name, id in names.get(form, ())
                    if all(each in text[begin:end] for each in CAPITALS.findall(name))}
            if here:
                yield from here.items()
                done = end


def _runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Where runs of words begin and end that no punctuation parts, folded, the longest first from each word on."""
    words = list(WORD.finditer(text))
    plain = [fold(each[0]) for each in words]
    for index, first in enumerate(words):
        last = index
        while last + 1 < len(words) and last - index + 1 < LONGEST and \
                WITHIN.fullmatch(text, words[last].end(), words[last + 1].start()):
            last += 1
        begin = first.start()
        for each in range(last, index - 1, -1):
            end = words[each].end()
            if (text[end:end + 1] or " ") not in JOINED and (text[begin - 1] if begin else " ") not in JOINED:
                yield begin, end, "".join(plain[index:each + 1])


def _forms(folded: str) -> tuple[str, ...]:
    """The forms that words may have as a name: as they are, and without the ending of a plural."""
    return tuple(folded.removesuffix(ending) for ending in ("", "s", "es") if folded.endswith(ending))
