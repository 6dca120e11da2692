"""What was typed, in the words that the base has for it: for `search` alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from mesoref.fold import COMPOUND, WORD, fold, spelling, unmarked, words
from mesoref.frozen import Frozen
from mesoref.queries.laywords import ALIKE, MEANT, STOP
from mesoref.store import MOST_SCORED, Store, phrase
from mesoref.store.fulltext import stems

MOST_LETTERS, MOST_CHUNKS, SHORTEST_BEGINNING = 2000, 32, 3
TYPED, ALSO, BEGUN = 1.0, 0.9, 0.7
"""What finding a word counts: one that was typed, one that stands for it, one of which only the beginning was typed."""

Words = tuple[str, ...]
Draft = tuple[Words, float]


class Term(Frozen):
    """Words that follow each other, each in all the forms that the base has of it, and what finding them is worth."""

    words: Words
    forms: tuple[frozenset[str], ...]
    records: int
    worth: float


Concept = tuple[Term, ...]
"""Terms of which each stands for the same part of a question, the worthiest first."""


class Question(Frozen):
    """What is looked for: concepts that the base has words for, words that it has not, and names that it could be.

    `forms` are all words that stand for something asked; `telling` are the concepts that are not too common to tell
    records apart.
    """

    concepts: tuple[Concept, ...]
    unknown: Words
    names: Words
    forms: frozenset[str]
    telling: tuple[Concept, ...]


class Chunk(Frozen):
    """A word of a question, words that hyphens join, or a phrase in quotation marks."""

    words: Words
    quoted: bool

    @property
    def single(self) -> bool:
        """Whether it is a word that others may stand for."""
        return len(self.words) == 1 and not self.quoted


def ask(store: Store, text: str) -> Question:
    """Take a question apart and put it into the words of the base; whatever was typed, it raises nothing."""
    text = text[:MOST_LETTERS]
    chunks = chunks_of(text)
    told = [each for each in chunks if not (each.single and each.words[0] in STOP)] or chunks
    lexicon = _Lexicon(store, chunks)
    found = lexicon.meant()
    for each in told:
        found += lexicon.concepts(each, last=each is chunks[-1])
    called = fold(text), "".join("".join(each.words) for each in told)
    names = dict.fromkeys((*called, *map(spelling, called)))
    concepts = tuple(terms for _, terms in found if terms)
    telling = tuple(terms for terms in concepts if sum(each.records for each in terms) < MOST_SCORED)
    return Question(concepts, tuple(word for word, terms in found if not terms), tuple(filter(None, names)),
                    frozenset(word for terms in concepts for each in terms for forms in each.forms for word in forms),
                    telling or concepts)


def chunks_of(text: str) -> list[Chunk]:
    """The words and phrases of a text, in order, each once; a quotation mark without its partner counts for nothing."""
    parts = unmarked(text).replace("\u201c", '"').replace("\u201d", '"').split('"')
    found: list[Chunk] = []
    for index, part in enumerate(parts):
        quoted = bool(index % 2) and index < len(parts) - 1
        found += [Chunk(tuple(re.findall(WORD, each)), quoted)
                  for each in ([part] if quoted else re.findall(f"{COMPOUND}|{WORD}", part))]
    return list(dict.fromkeys(each for each in found if each.words))[:MOST_CHUNKS]


def match(concepts: Iterable[Concept], operator: str) -> str:
    """Concepts in the language of the full-text index."""
    return f" {operator} ".join(f"({' OR '.join(phrase(each.words) for each in terms)})" for terms in concepts)


class _Lexicon:
    """The words of a question and those that stand for them, with their stems and what the base has of these."""

    def __init__(self, store: Store, chunks: Sequence[Chunk]) -> None:
        self.store = store
        self.total = store.size()
        self.joined = {each: ["".join(each.words)] for each in chunks if not each.quoted}
        for one, other in pairwise(chunks):
            if one.single and other.single:
                for each in (one, other):
                    self.joined[each].append(one.words[0] + other.words[0])
        lay = words(" ".join((*ALIKE, *MEANT, *MEANT.values())))
        self.stems = stems({*lay, *(each for chunk in chunks for each in chunk.words),
                            *(each for joined in self.joined.values() for each in joined)})
        self.forms = store.forms(self.stems.values())
        self.open = {self.stems[each.words[0]] for each in chunks if each.single}

    def meant(self) -> list[tuple[str, Concept]]:
        """What words of the question ask for together; they are asked for no more by themselves."""
        found = []
        for key, phrases in MEANT.items():
            asking = {self.stems[each] for each in key.split()}
            drafts = [(tuple(each.split()), ALSO) for each in phrases.split(", ")]
            drafts[0] = (drafts[0][0], TYPED)
            if asking <= self.open and (terms := self.concept(drafts)):
                self.open -= asking
                found.append((key, terms))
        return found

    def concepts(self, chunk: Chunk, *, last: bool) -> list[tuple[str, Concept]]:
        """What a chunk asks for, under its words: one concept, or one a word where they never stand together."""
        if chunk.single:
            if self.stems[chunk.words[0]] not in self.open:
                return []
            self.open.discard(self.stems[chunk.words[0]])
        terms = self.concept(self._drafts(chunk)) or (self.concept(self._begun(chunk)) if last else ())
        if terms or chunk.quoted or chunk.single:
            return [(" ".join(chunk.words), terms)]
        return [(each, self.concept([((each,), TYPED)])) for each in chunk.words]

    def _drafts(self, chunk: Chunk) -> Iterator[Draft]:
        yield chunk.words, TYPED
        for each in self.joined.get(chunk, ()):
            yield (each,), TYPED
        if len(chunk.words) > 1:
            yield from self._begun(chunk)
        for group in ALIKE if chunk.single else ():
            alike = group.split()
            if self.stems[chunk.words[0]] in {self.stems[each] for each in alike}:
                yield from (((each,), ALSO) for each in alike)

    def _begun(self, chunk: Chunk) -> Iterator[Draft]:
        """The words of the base of which a chunk is the beginning."""
        beginning = "".join(chunk.words)
        if not chunk.quoted and len(beginning) >= SHORTEST_BEGINNING:
            begun = dict(self.store.words_beginning(beginning))
            self.stems |= begun
            self.forms |= self.store.forms(begun.values())
            yield from (((each,), BEGUN) for each in begun)

    def concept(self, drafts: Iterable[Draft]) -> Concept:
        """Drafts as terms, those left out of which the base has nothing; none is worth more than what was typed."""
        terms: dict[Words, Term] = {}
        most = math.inf
        for each, count in drafts:
            key = tuple(self.stems[word] for word in each)
            forms = tuple(frozenset(self.forms.get(stem, ())) for stem in key)
            if all(forms) and key not in terms and (records := self._records(each, key)):
                worth = min(most, math.log(1 + self.total / records))
                most = worth if count == TYPED else most
                terms[key] = Term(each, forms, records, count * worth)
        return tuple(sorted(terms.values(), key=lambda each: -each.worth))

    def _records(self, together: Words, key: Words) -> int:
        return self.store.frequency(phrase(together)) if len(together) > 1 else sum(self.forms[key[0]].values())
