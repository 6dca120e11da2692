"""`search`: full text over every kind, the best first.

The index of the base proposes records; each text of these is read for what was asked, and the best of them is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mesoref import values
from mesoref.fold import COMPOUND, WORD, compounds, unmarked, words
from mesoref.frozen import Frozen
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.queries.asking import Question, Term, ask, match
from mesoref.queries.laywords import STOP
from mesoref.rows import links_of, texts_of
from mesoref.schema import Record
from mesoref.store import Line
from mesoref.store.fulltext import SEARCH, stems
from mesoref.views import Context, Hit, Hits, Piece

NAMES, PLAIN, FACTS, SOURCES = SEARCH
PROPOSED, MOST_PROPOSED, SHORTEST_MISSPELT = 15, 1_000_000, 5
IN_INDEX = (10.0, 4.0, 1.0, 0.5)
IN_TEXT = {NAMES: 1.0, PLAIN: 0.7, FACTS: 0.4, SOURCES: 0.3}
"""What a word counts by where it stands: for the index as it proposes, and in a text that is read."""
COVERED, CALLED, AS_SOURCE = 1.5, 1.5, 0.8
"""What having all that was asked and being called by it count against one text that has it, and a source at large."""
BY_ITSELF = (PLAIN, FACTS, SOURCES, NAMES)
"""Which text stands for a record of which none has what was asked."""
SPOKEN = f"{WORD}(?:['\u2019]{WORD})*"


class Reading(Frozen):
    """How well a record answers, and which of its texts does best."""

    worth: float
    key: str
    index: int


def search(kb: KnowledgeBase, text: str, *, kind: str = "", limit: int = 10) -> Hits:
    """The records that answer best to words and `"quoted phrases"`; of one kind if that is asked for.

    A record that is called so comes first. Words of which the base has none are told, with those nearest to them.
    """
    wanted = kb.kind(kind) if kind else None
    question = ask(kb.store, text)
    named = [line.id for line in sorted((line for name in question.names for _, line in kb.store.lookup(name)),
                                        key=lambda line: KINDS[line.kind].citable)
             if wanted is None or line.kind == wanted.name]
    proposed = _proposed(kb, question, wanted.name if wanted else "", min(max(PROPOSED, limit), MOST_PROPOSED))
    records = kb.get([*named, *proposed])
    readings = {id: read(question, record) for id, record in records.items()}
    place = {id: number for number, id in reversed(list(enumerate(named)))}
    best = sorted(readings, key=lambda each: (place.get(each, len(named)), -readings[each].worth))[:limit]
    context = _context(kb, [(records[id], readings[id]) for id in best])
    lines = kb.store.lines(best)
    hits = tuple(_hit(question, lines[id], records[id], readings[id], context) for id in best)
    missing = () if named else tuple((each, _near(kb, each)) for each in question.unknown)
    return Hits(context, text.encode(errors="replace").decode(), wanted, hits, missing)


def _proposed(kb: KnowledgeBase, question: Question, kind: str, limit: int) -> Iterator[str]:
    """The best by the index: those whose names have some of it, those that have all of it, those that have some."""
    if question.concepts:
        every, some = match(question.concepts, "AND"), match(question.telling, "OR")
        for each in (f"{NAMES} : ({some})", every, some):
            yield from kb.store.matching(each, IN_INDEX, kind, limit)


def read(question: Question, record: Record) -> Reading:
    """Read all texts of a record for what is asked."""
    asked = sum(terms[0].worth for terms in question.concepts) or 1.0
    covered = [0.0] * len(question.concepts)
    best = called = 0.0
    shown: tuple[tuple[float, float], str, int] | None = None
    for part, key, index, text in texts_of(record.kind, record.data, {}):
        letters = unmarked(text).replace("-", "")
        said = words(text) + compounds(text) if any(each in letters for each in question.forms) else []
        found = _found(question, said)
        if any(found):
            is_title = key == record.kind.title
            share = min(1.0, sum(each in question.forms for each in said)
                        / max(1, sum(each not in STOP for each in said)))
            worth = sum(found) / asked * IN_TEXT[NAMES if is_title and part != SOURCES else part]
            covered = [max(pair) for pair in zip(covered, found, strict=True)]
            best = max(best, worth * (1 + share))
            if is_title or part == NAMES:
                called = max(called, worth * share)
            fits = sum(found), worth * (1 + share)
            # That a record is also called so says nothing of it.
            if not is_title and part != NAMES and key != "id" and (not shown or fits > shown[0]):
                shown = fits, key, index
    worth = COVERED * sum(covered) / asked + best + CALLED * called
    return Reading(worth * AS_SOURCE if record.kind.citable else worth,
                   *(shown[1:] if shown else _by_itself(record)))


def _found(question: Question, said: Sequence[str]) -> list[float]:
    """What a text is worth for each concept."""
    if not said:
        return []
    present = set(said)
    return [next((each.worth for each in terms if not any(forms.isdisjoint(present) for forms in each.forms)
                  and (len(each.forms) == 1 or _places(each, said))), 0.0) for terms in question.concepts]


def _places(term: Term, said: Sequence[str]) -> list[int]:
    """Where the words of a term follow each other."""
    length = len(term.forms)
    return [place for place in range(len(said) - length + 1) if said[place] in term.forms[0]
            and all(word in forms for word, forms in zip(said[place:place + length], term.forms, strict=True))]


def _by_itself(record: Record) -> tuple[str, int]:
    """The text that stands for a record of which none has what was asked."""
    texts = [(BY_ITSELF.index(part), key, index) for part, key, index, _ in texts_of(record.kind, record.data, {})
             if key not in ("id", record.kind.title)]
    return min(texts, key=lambda each: each[0], default=(0, record.kind.title, 0))[1:]


def _context(kb: KnowledgeBase, chosen: Iterable[tuple[Record, Reading]]) -> Context:
    """What the texts that are shown name and cite."""
    ids: list[str] = []
    for record, reading in chosen:
        field = record.fields[reading.key]
        value = field.items(record.data)[reading.index]
        ids += [target for _, target, _ in links_of(record.kind.cls, {reading.key: [value]})]
        ids += record.data.get("refs", ()) if field.own else ()
    lines = kb.store.lines(ids)
    return Context(kb.as_of, lines, kb.get(id for id, line in lines.items() if KINDS[line.kind].citable))


def _hit(question: Question, line: Line, record: Record, reading: Reading, context: Context) -> Hit:
    field = record.fields[reading.key]
    pieces = values.cell(record, reading.key, context)
    if field.shape.structs or field.search not in (NAMES, SOURCES):
        piece = pieces[reading.index]
    else:
        piece = Piece(values.text_of(pieces))
    return Hit(line, reading.key, field.label, marked(question, piece.text), piece, reading.worth,
               bool(record.data.get("local")))


def marked(question: Question, text: str) -> tuple[tuple[str, bool], ...]:
    """A text in parts, each with whether it is what was asked for."""
    spans = [(each.start(), each.end()) for each in re.finditer(SPOKEN, text)]
    said = [unmarked(text[start:end]) for start, end in spans]
    asked = {place + offset for terms in question.concepts for term in terms for place in _places(term, said)
             for offset in range(len(term.forms))}
    for each in re.finditer(COMPOUND, text):
        if unmarked(each.group()).replace("-", "") in question.forms:
            asked |= {place for place, (start, end) in enumerate(spans) if each.start() <= start and end <= each.end()}
    parts: list[tuple[str, bool]] = []
    done = 0
    for place in sorted(asked):
        start, end = spans[place]
        between = text[done:start]
        if parts and len(between) <= 1:
            parts[-1] = (parts[-1][0] + text[done:end], True)
        else:
            parts += [(between, False), (text[start:end], True)]
        done = end
    return tuple(each for each in (*parts, (text[done:], False)) if each[0])


def _near(kb: KnowledgeBase, word: str) -> tuple[str, ...]:
    """Words of the base that look like one of which it has none, one of each stem; too many look like a short one."""
    import difflib

    if len(word) < SHORTEST_MISSPELT:
        return ()
    near = difflib.get_close_matches(word, kb.store.words_like(word), 6, 0.8)
    by_stem = {stem: each for each, stem in reversed(stems(near).items())}
    return tuple(each for each in near if each in by_stem.values())[:3]
