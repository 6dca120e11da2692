"""Values to words: the one place where what a record holds becomes text with its sources. It asks no base."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from mesoref.model import KINDS, LEVELS
from mesoref.rows import brief
from mesoref.schema import Body, Field, Record, Shape, Struct
from mesoref.store import Line
from mesoref.views import (
    Branch,
    Bundle,
    Cell,
    Chart,
    Comparison,
    Context,
    Group,
    Hit,
    Hits,
    Piece,
    Profile,
    Section,
    Table,
)

NOT_FOUND = "not found"
IN_SHORT = ("from A (a regulator, a guideline, a randomised trial) over B (other trials), C (series of patients) and D "
            "(animals or cells) to E (somebody who reports others).")
COPIED = "Read in a copy"
DISCLAIMER = "Not medical advice. Knowledge as of {}."


def cell(record: Record, key: str, context: Context) -> Cell:
    """The pieces of a field of a record; empty where nothing is known."""
    field = record.fields[key]
    own = tuple(record.data.get("refs") or ()) if field.own else ()
    return tuple(_piece(field, each, own, context) for each in field.items(record.data))


def _piece(field: Field, value: Any, own: tuple[str, ...], context: Context) -> Piece:
    shape = field.shape
    if shape.structs:
        return _sourced(shape.struct_of(value), value, context)
    level = min((context.references[each].data["level"] for each in own if each in context.references), default="")
    return Piece(word(shape, value, context.lines), own, level, target=value if shape.ref else "",
                 url=shape.scheme.url.replace("{}", value) if shape.scheme else "")


def _sourced(cls: type[Struct], body: Body, context: Context) -> Piece:
    words = {key: word(field.shape, body[key], context.lines) for key, field in cls.fields.items()
             if body.get(key) not in (None, [], "")}
    if "unit" in words:
        words["unit"] = unit_of(body["value"], words["unit"])
    lead = cls.fields[cls.lead].shape
    text = fill(cls.template, words).replace(" %", "%")
    if at := body.get("as_of") or cls.undated:
        text = f"{text} ({'as of ' if body.get('as_of') else ''}{at})"
    return Piece(text, tuple(body.get("refs") or ()), body.get("level") or "", body.get("seen") or "",
                 tuple(body.get("against") or ()), target=body[cls.lead] if lead.ref else "",
                 name=words[cls.lead] if lead.ref else "")


def word(shape: Shape, value: Any, lines: Mapping[str, Line]) -> str:
    """A value without its sources, as people read it."""
    if isinstance(value, list):
        return " to ".join(word(shape, each, lines) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if shape.ref:
        return title_of(lines[value]) if value in lines else str(value)
    if shape.choice:
        return str(shape.choice.labels.get(value, value))
    return str(value)


def unit_of(value: Any, unit: str) -> str:
    """A unit as it stands behind its number: of one there is one."""
    if value not in (1, "1") or unit.endswith("ss"):
        return unit
    return "person" if unit == "people" else f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")


def fill(template: str, words: Mapping[str, str]) -> str:
    """A template with its words; a part in square brackets falls away where a word of it is missing."""
    text = ""
    for index, (part, keys) in enumerate(_parts(template)):
        if index % 2 == 0 or all(key in words for key in keys):
            text += part.format_map(words)
    return text


@cache
def _parts(template: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A template in its parts with the words that each needs; every second one may fall away."""
    parts = template.replace("]", "[").split("[")
    return tuple((part, tuple(each.partition("}")[0] for each in part.split("{")[1:])) for part in parts)


class Notes:
    """Footnotes of one answer: every reference gets a number when it is first met."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.numbers: dict[str, int] = {}
        self.seen: set[str] = set()

    def number(self, ref: str) -> int:
        """The number of a reference."""
        return self.numbers.setdefault(ref, len(self.numbers) + 1)

    def mark(self, piece: Piece) -> str:
        """What stands behind a statement, such as `[3, 4 B]`; empty where it has no source of its own."""
        if not piece.refs:
            return ""
        refs = self._numbers(piece.refs)
        against = f"; against: {self._numbers(piece.against)}" if piece.against else ""
        return f"[{refs}{self.reading(piece)}{against}]"

    def reading(self, piece: Piece) -> str:
        """What stands behind the numbers: the level, and how the sources were read unless they were read themselves."""
        self.seen.add(piece.seen)
        words = {"": "", "source": "", "excerpt": ", excerpt", "secondary": ", second-hand"}
        return f"{f' {piece.level}' if piece.level else ''}{words.get(piece.seen, f', {piece.seen}')}"

    def _numbers(self, refs: Iterable[str]) -> str:
        return ", ".join(str(self.number(each)) for each in refs)

    def sources(self) -> Iterator[tuple[int, Record]]:
        """The references met, by number."""
        for ref, number in self.numbers.items():
            if ref in self.context.references:
                yield number, self.context.references[ref]


class Ids(Notes):
    """Notes for where there is no list of sources: ids instead of numbers."""

    def _numbers(self, refs: Iterable[str]) -> str:
        return ", ".join(refs)


def joined(text: str, pieces: Iterable[Piece]) -> Piece:
    """One piece that rests on the sources of several, with the best of their levels and the weakest way of reading."""
    given = tuple(pieces)
    refs = dict.fromkeys(ref for each in given for ref in each.refs)
    against = dict.fromkeys(ref for each in given for ref in each.against)
    return Piece(text, tuple(refs), min((each.level for each in given if each.level), default=""),
                 max((each.seen for each in given), key=("", "source", "excerpt", "secondary").index, default=""),
                 tuple(against))


def text_of(pieces: Iterable[Piece]) -> str:
    """A cell in one line, without sources."""
    texts = [each.text for each in pieces]
    return (" " if all(each.endswith(".") for each in texts) else "; ").join(texts)


def compared_title(view: Comparison) -> str:
    """What is compared, where no columns say it."""
    return f"{' / '.join(map(title_of, view.records))} ({view.kind.plural} compared)"


def header(table: Table) -> tuple[str, ...]:
    """The labels of a table's columns."""
    return tuple(table.kind.fields[each].label for each in table.columns)


def short(record: Record, key: str, context: Context) -> Cell:
    """A field in a list: links by their title alone, sourced values without notes, choices in words."""
    field = record.fields[key]
    if not (field.shape.structs and field.shape.pickable):
        return cell(record, key, context)
    pieces = []
    for each in field.items(record.data):
        lead, value = field.shape.lead_of(each)
        line = context.lines.get(value) if lead.ref else None
        text = short_title_of(line) if line else word(lead, value, context.lines)
        if undated := field.shape.struct_of(each).undated:
            text = f"{text} ({each.get('as_of') or undated})"
        pieces.append(Piece(text, target=value if line else ""))
    return tuple(dict.fromkeys(pieces))


def filled(profile: Profile, context: Context) -> Iterator[tuple[Section, Cell]]:
    """The sections of a profile that hold something, with their cells."""
    for section in profile.sections:
        if section.pieces:
            yield section, section.pieces
        elif pieces := cell(profile.record, section.key, context):
            yield section, pieces


def agree(cells: Sequence[Cell], *, full: bool) -> bool:
    """Whether all that stands in any of these cells stands in all of them, in whatever order and whoever says so."""
    return len({frozenset(_said(piece, full=full) for piece in each) for each in cells}) == 1


def compared(view: Comparison) -> Iterator[tuple[str, str, tuple[tuple[tuple[Piece, bool], ...], ...]]]:
    """Label, agreement and a cell a record for each row; what all the records name comes first, the same is marked.

    Texts about two things always differ, so only of values that are chosen, counted or linked it is said.
    """
    for row in view.rows:
        cells = [cell(each, row.key, view.context) for each in view.records]
        named, said = _in_all(cells, _topic), _in_all(cells, lambda piece: _said(piece, full=view.full))
        ordered = (sorted(each, key=lambda piece: named.get(_topic(piece), len(named))) for each in cells)
        agreement = "same" if row.same else "different" if is_plain(view.kind.fields[row.key]) else ""
        yield row.label, agreement, tuple(tuple(
            (piece if view.full or not piece.name else piece.replace(text=piece.name),
             _said(piece, full=view.full) in said) for piece in each) for each in ordered)


def is_plain(field: Field) -> bool:
    """Whether the values of a field are chosen, counted, dated or linked, and no prose."""
    shape = field.shape.leading
    return shape.marker is not None or str not in shape.scalar


def _topic(piece: Piece) -> str:
    """What a piece is about: what it links to, or all it says."""
    return piece.target or piece.text


def _said(piece: Piece, *, full: bool) -> tuple[str, str]:
    """What makes two pieces the same: what they link to, and the text, where that is not the name alone."""
    return piece.target, piece.text if full or not piece.name else ""


def _in_all(cells: Sequence[Cell], key: Callable[[Piece], Any]) -> dict[Any, int]:
    """The keys of pieces that are found in every cell, with their places in the order of the first."""
    keys = [dict.fromkeys(key(piece) for piece in each) for each in cells]
    return {each: place for place, each in enumerate(each for each in keys[0] if all(each in one for one in keys))}


def charted(view: Chart) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """A chart as a table: its header and rows of cells, without what this chart has no name for."""
    kept = [index for index, name in enumerate(view.header) if name]
    rows = [((Piece(each.group),), (Piece(each.row),), (Piece(each.detail),), each.label, each.said)
            for each in view.points]
    return tuple(view.header[index] for index in kept), [tuple(row[index] for index in kept) for row in rows]


def address(reference: Record) -> str:
    """Where a source is to be found: its own page where an identifier or an address gives it, else a copy."""
    data = reference.data
    for key, field in reference.fields.items():
        scheme = field.shape.scheme
        if scheme and scheme.prefix != "URL" and data.get(key) and not (key == "nct" and data["type"] != "registry"):
            return scheme.url.replace("{}", data[key])
    return str(data.get("url") or data.get("copy") or "")


def citation(reference: Record) -> str:
    """A source in one line, in the style that medical journals share (Vancouver)."""
    data = reference.data
    place = ";".join(str(data[key]) for key in ("year", "volume") if data.get(key))
    parts = [", ".join(data["authors"]), data["title"], f"Version {data['version']}" if data.get("version") else "",
             data.get("venue"), ":".join(each for each in (place, data.get("pages")) if each)]
    return " ".join(each if each.endswith((".", "?", "!")) else f"{each}." for each in parts if each)


def vancouver(reference: Record) -> str:
    """A source in that style with what leads to it: its identifiers, or else its address."""
    data = reference.data
    ids = [f"{field.shape.scheme.prefix}: {data[key]}" for key, field in reference.fields.items()
           if field.bibtex and field.shape.scheme and field.shape.scheme.prefix != "URL" and data.get(key)]
    page = address(reference)
    found = f"{COPIED if page == data.get('copy') else 'Available from'}: {page}" if page else ""
    return f"{citation(reference)} {'; '.join(ids) or found}".rstrip()


def disclaimer(as_of: str) -> str:
    """The line that every text for people ends with."""
    return DISCLAIMER.format(dated(as_of))


def dated(as_of: str) -> str:
    """The date of the knowledge; a base of one's own need not give any."""
    return as_of or "an unknown date"


def heading(record: Record) -> str:
    """The title of a record with its kind, its id and, if so, that it was laid over the base."""
    return f"{title_of(record)} ({record.kind.name} {record.id}{', local' if record.data.get('local') else ''})"


def title_of(named: Record | Line) -> str:
    """What people call a record; what others say stands in quotation marks behind what is to be said of it."""
    kind = named.kind if isinstance(named, Record) else KINDS[named.kind]
    if not kind.quoted:
        return named.title
    said = brief(kind, named.data) if isinstance(named, Record) else named.brief
    return f"{said.capitalize()}: \u201c{named.title}\u201d"


def short_title_of(line: Line) -> str:
    """The same where there is little room."""
    return title_of(line) if KINDS[line.kind].quoted else line.short


def beside(line: Line) -> str:
    """What stands behind the title of a record that is named in passing."""
    return "" if KINDS[line.kind].quoted else line.brief


def _with_beside(words: str, line: Line) -> str:
    return f"{words}: {found}" if (found := beside(line)) else words


def named(line: Line) -> str:
    """A record as it is named in passing: title, id and what stands beside it."""
    return _with_beside(f"{title_of(line)} ({line.id})", line)


def found(hit: Hit) -> str:
    """A record as it is named among those of all kinds: its title, then kind, id and what stands beside it."""
    return _with_beside(f"{title_of(hit.line)} ({placed(hit)})", hit.line)


def placed(hit: Hit) -> str:
    """The kind and the id of a record that was found, and, if so, that it was laid over the base."""
    return f"{hit.line.kind} {hit.line.id}{', local' if hit.local else ''}"


def starred(hit: Hit, clean: Callable[[str], str] = str, star: str = "*") -> str:
    """The passage of a hit with what matched between stars; parts are cleaned one by one, so that these stars stay."""
    return "".join(f"{star}{clean(text)}{star}" if marked else clean(text) for text, marked in hit.passage)


def missing(view: Hits) -> list[str]:
    """What is said of each word that the base has not."""
    return [f"no record has {word!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")
            for word, near in view.missing]


def group_label(group: Group) -> str:
    """The heading over the records of a kind that name this one."""
    named = f"{len(group.lines)} {group.kind.name if len(group.lines) == 1 else group.kind.plural}"
    return f"Named by more than {named}; for all: {group.more}" if group.more else f"Named by {named}"


def branch_label(branch: Branch) -> str:
    """A record in a tree: title, id, its role there and what stands beside it."""
    line = branch.line
    role = f" [{branch.role}]" if branch.role else ""
    return _with_beside(f"{title_of(line).lstrip()} ({line.id}){role}", line)


def counted(bundle: Bundle) -> str:
    """How many records hang in a bundle."""
    return f"{bundle.count} {bundle.kind.name if bundle.count == 1 else bundle.kind.plural}"


def bundle_label(bundle: Bundle) -> str:
    """What stands over the records of a bundle: what they are to the record that they hang on."""
    under = f", under {bundle.label}" if bundle.label else ""
    label = f"{'named by' if bundle.incoming else 'names'} {counted(bundle)}{under}"
    return f"{label}:" if bundle.branches else f"{label} (to list them: --sources)"


def full_citation(reference: Record, *, linked: bool = True) -> str:
    """A source with its level, how much of it was read, and, if it is not linked elsewhere, its address."""
    where = address(reference)
    read = word(reference.fields["access"].shape, reference.data["access"], {})
    copied = ", in a copy" if where and where == reference.data.get("copy") else ""
    parts = [citation(reference), where if linked else "", f"[{reference.data['level']}; {read}{copied}]"]
    return " ".join(each for each in parts if each)


def key_of_column(table: Table) -> str:
    """What the letters in a column of a table mean; empty where it has no such column."""
    label = next((field.label for field in map(table.kind.fields.__getitem__, table.columns) if is_level(field)), "")
    return f"{label}: how strong the best evidence is, not how well it works, {IN_SHORT}" if label else ""


def is_level(field: Field) -> bool:
    """Whether a field says how strong the evidence is."""
    return field.shape.choice is not None and field.shape.choice.labels.keys() == LEVELS.keys()


def level_of(record: Record, section: Section, cell: Cell) -> str:
    """The letter of a section that says how strong the evidence is, with its meaning; of any other, nothing."""
    if section.key not in record.fields or not is_level(record.fields[section.key]):
        return ""
    return f"{cell[0].text} ({LEVELS[cell[0].text]})"


def short_key(notes: Notes) -> str:
    """What the marks in an answer mean, for readers who want to know no more than which letter is stronger."""
    reading = {"excerpt": "`excerpt`: only a part of the source was read.",
               "secondary": "`second-hand`: it was read in a source that reports another."}
    return " ".join([f"Letters: how strong the evidence is, {IN_SHORT}",
                     *(text for seen, text in reading.items() if seen in notes.seen)])


def key_of_levels() -> str:
    """What the letters behind the footnotes mean, in one line."""
    levels = "; ".join(f"{letter} {text}" for letter, text in LEVELS.items())
    return (f"Levels of evidence: {levels}. `excerpt`: only a part was read; `second-hand`: read in a source that "
            "reports another.")
