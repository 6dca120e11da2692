"""`explain`: a record in plain words, for a patient or a relative. Nothing is said that no record says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from mesoref import values
from mesoref.fold import fold, words
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.queries.common import context_of
from mesoref.queries.showing import groups_of
from mesoref.queries.wording import CAPITALS, Names, folded, met, names_of, occurring, sentences
from mesoref.rows import column_value
from mesoref.schema import Choice, Field, Kind, Record, Tally
from mesoref.shell import command
from mesoref.store import phrase
from mesoref.views import Cell, Context, Piece, Profile, Profiles, Section

SOURCE, WORDS, USES = "The source", "Words used", "Where the word is used"
CITED = "cited"
MOST, MOST_COUNTED = 8, 5
"""How many records a section tells something of; of the rest it gives the names or the number.

Of those that are only counted, such as trials, the ones that come first are still open, and they take two lines each.
"""
LOOKED_AT = 60
TOO_COMMON = 60


def explain(kb: KnowledgeBase, names: Sequence[str]) -> Profiles:
    """Records in plain words: their fields with a lay heading, what these name, and words that need a definition."""
    explained = [_Explained(kb, kb.find(each)) for each in names]
    profiles = tuple(each.profile() for each in explained)
    cited = {ref for each in profiles for section in each.sections for piece in section.pieces
             for ref in (*piece.refs, *piece.against)}
    lines = {id: line for each in explained for id, line in each.context.lines.items()}
    references = {id: each for one in explained for id, each in one.context.references.items() if id in cited}
    return Profiles(Context(kb.as_of, lines, references), profiles, lay=True)


class _Explained:
    """One record on its way to plain words; its context grows by what is told of other records."""

    def __init__(self, kb: KnowledgeBase, record: Record) -> None:
        self.kb, self.record = kb, record
        self.context = context_of(kb, [record])

    def profile(self) -> Profile:
        """The record with its sections in the order of its fields, the words used before those that close it."""
        kind = self.record.kind
        lay = [each for each in kind.fields.values() if each.lay]
        sections = [Section(each.key, each.lay, self._cell(each)) for each in lay]
        if kind.citable:
            sections.insert(0, Section("", SOURCE, (Piece(values.full_citation(self.record)),)))
        elif kind.defines:
            sections.append(Section("", USES, self._uses()))
        elif not any(isinstance(each.derived, Tally) for each in lay):
            sections += self._naming()
        words = Section("", WORDS, self._words(sections))
        ordered = [*(each for each in sections if each.key not in kind.closing), words,
                   *(each for each in sections if each.key in kind.closing)]
        return Profile(self.record, tuple(each for each in ordered if each.pieces), ())

    def _cell(self, field: Field) -> Cell:
        """What a field says; where it names or counts records, what they say of themselves."""
        if isinstance(field.derived, Tally):
            return self._counted(field.derived)
        if field.derived == CITED:
            return self._supported()
        if named := list(self.kb.get(_named(field, self.record)).values()):
            self._meet(named)
            rest = "; ".join(map(values.title_of, named[MOST:]))
            told = tuple(self._told(each, field) for each in named[:MOST])
            return (*told, Piece(f"Also: {rest}")) if rest else told
        return values.cell(self.record, field.key, self.context)

    def _told(self, other: Record, field: Field) -> Piece:
        """What a record named says of itself; where that is about something else, what is said of it here."""
        piece = _introduced(other, values.title_of(other), self.context)
        if not self._is_elsewhere(piece.text):
            return piece
        here = next(each for each in values.cell(self.record, field.key, self.context) if each.target == other.id)
        return here.replace(text=sentences(here.text)[0])

    def _is_elsewhere(self, text: str) -> bool:
        """Whether a text names what belongs to another record of this kind."""
        homes = {kind: key for kind in KINDS.values() for key, field in kind.fields.items()
                 if not field.shape.many and field.shape.ref and field.shape.ref.kind == self.record.kind.name}
        return any(each.data[homes[each.kind]] != self.record.id for each, _ in met(self.kb, [text], homes))

    def _meet(self, records: Sequence[Record]) -> None:
        """Take what records name into the context."""
        more = context_of(self.kb, records)
        self.context = Context(more.as_of, {**self.context.lines, **more.lines},
                               {**self.context.references, **more.references})

    def _counted(self, tally: Tally) -> Cell:
        """The records that a field counts, a line each."""
        found = [each for each in self.kb.select(tally.kind, linked=[self.record.id]).values()
                 if each.data[tally.via] == self.record.id and not each.data.get(tally.unless)]
        self._meet(found)
        pieces = [_standing(each, self.context) for each in sorted(found, key=_place)]
        more = command("list", KINDS[tally.kind].plural, where=(
            f"{tally.via}={self.record.id}", *([f"{tally.unless}=false"] if tally.unless else ())))
        return _few(pieces, more, MOST_COUNTED) or (Piece("None that this base holds."),)

    def _supported(self) -> Cell:
        """What a source is cited for: of each record the first statement that rests on it."""
        found = list(self.kb.get(row.source for row, _ in self.kb.store.naming([self.record.id])).values())
        self._meet(found[:MOST])
        pieces = [_quoted(each, self.context, lambda piece: self.record.id in piece.refs) for each in found[:MOST]]
        return (*(each for each in pieces if each), *_more(len(found) - MOST, command("links", self.record.id)))

    def _uses(self) -> Cell:
        """Where a word is used: of each record the first statement with it."""
        names = folded([self.record])
        asked = " OR ".join(phrase(words(each)) for each in names_of(self.record) if words(each))
        if self.kb.store.frequency(asked) > TOO_COMMON:
            return (Piece(f"In very many records: {command('search', self.record.title)}"),)
        hits = self.kb.store.matching(asked, (1, 1, 1, 1), limit=LOOKED_AT)
        lines = self.kb.store.lines(hits)
        kinds = [each.name for each in KINDS.values() if not each.defines and not each.citable]
        ids = [each for each in hits if lines[each].kind in kinds]
        found = sorted(self.kb.get(ids).values(), key=lambda each: kinds.index(each.kind.name))
        self._meet(found)
        told = (_quoted(each, self.context, _with(names)) for each in found)
        pieces = tuple(islice(filter(None, told), MOST + 1))
        more = Piece(f"And more: {command('search', self.record.title)}")
        return (*pieces[:MOST], more) if pieces[MOST:] else pieces

    def _naming(self) -> Iterator[Section]:
        """The records that name this one, by kind."""
        for group in groups_of(self.kb, self.record):
            if not group.kind.defines:
                pieces = [Piece(values.named(each)) for each in group.lines]
                yield Section("", f"{group.kind.plural.capitalize()} that name it",
                              _few(pieces, command("links", self.record.id)))

    def _words(self, sections: Sequence[Section]) -> Cell:
        """The words in the fields shown that the base defines, with the first sentence of each definition."""
        texts = [piece.text for section in sections if section.key for piece in section.pieces]
        words = {each: name for each, name in met(self.kb, texts, _glossaries()) if each.id != self.record.id}
        self._meet(list(words))
        return tuple(_introduced(each, _met_as(each.title, name), self.context) for each, name in words.items())


def _glossaries() -> list[Kind]:
    return [each for each in KINDS.values() if each.defines]


def _named(field: Field, record: Record) -> Iterator[str]:
    """The ids of the records, sources apart, that a field of a record is about."""
    for each in field.items(record.data):
        shape, value = field.shape.lead_of(each)
        if shape.ref and not (shape.ref.kind and KINDS[shape.ref.kind].citable):
            yield value


def _met_as(title: str, name: str) -> str:
    """The title of a word, and behind it the abbreviation that stands in the text."""
    return f"{title} ({name})" if CAPITALS.search(name) and fold(title) not in fold(name) else title


def _introduced(record: Record, title: str, context: Context) -> Piece:
    """A record by its title and the first sentence that it says of itself in plain words."""
    for field in record.fields.values():
        stating = field.lay and field.shape.structs and field.shape.structs[0].lead == "text"
        if stating and (pieces := values.cell(record, field.key, context)):
            return values.joined(f"{title.rstrip('.')}: {sentences(pieces[0].text)[0]}", pieces[:1])
    return Piece(title)


def _standing(record: Record, context: Context) -> Piece:
    """A record by its title and id and what stands beside them, as far as that is of a closed set."""
    pieces = [piece for key in _closed(record) for piece in values.cell(record, key, context)]
    return values.joined(f"{record.title} ({record.id}): {', '.join(each.text for each in pieces)}", pieces)


def _quoted(record: Record, context: Context, wanted: Callable[[Piece], bool]) -> Piece | None:
    """A record by its title, and of its statements the first that is wanted."""
    beside = [piece.text for key in _closed(record) for piece in values.cell(record, key, context)]
    title = values.title_of(record)
    if beside and not record.kind.quoted:
        title = f"{title.rstrip('.')} ({', '.join(beside)})"
    for key, field in record.fields.items():
        if field.shape.structs:
            for piece in values.cell(record, key, context):
                if wanted(piece):
                    label = f"{field.label}: " if field.shape.structs[0].lead == "value" else ""
                    return values.joined(f"{title}: {label}{piece.text}", [piece])
    return None


def _with(names: Names) -> Callable[[Piece], bool]:
    """Whether a piece has one of these names; looking for their first letters first costs next to nothing."""
    first = {name.casefold()[:3] for called in names.values() for name, _ in called}
    return lambda piece: any(each in piece.text.casefold() for each in first) and any(occurring(piece.text, names))


def _closed(record: Record) -> dict[str, Choice]:
    """The fields beside the title of a record that hold a value of a closed set."""
    found = {}
    for key in record.kind.brief:
        if choice := record.fields[key].shape.leading.choice:
            found[key] = choice
    return found


def _place(record: Record) -> list[int]:
    """Where a record stands among those of its kind: by the closed sets beside its title, the last one first."""
    places = []
    for key, choice in reversed(_closed(record).items()):
        value = column_value(record.data.get(key))
        places.append(list(choice.labels).index(value) if value else len(choice.labels))
    return places


def _few(pieces: Sequence[Piece], where: str, most: int = MOST) -> Cell:
    """The first of some pieces, and where the others are to be found."""
    return (*pieces[:most], *_more(len(pieces) - most, where))


def _more(count: int, where: str) -> Cell:
    """That there are more, if there are."""
    return (Piece(f"And {count} more: {where}"),) if count > 0 else ()
