"""YAML sources to records and problems, with places. The only module that imports yaml.

A source is read event by event, one record at a time. Nothing is constructed but text, lists and mappings: what a
scalar means is decided by the declared type of its field, so `NO` stays a string and `2024-01` a date. Anchors, aliases
and tags have no use in a base and are refused, which leaves nothing that could explode or run.
"""

from __future__ import annotations

import datetime
import difflib
import errno
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mesoref.errors import Problem
from mesoref.model import KINDS, SCHEMA
from mesoref.schema import Body, Choice, Date, Kind, Ref, Scheme, Shape, Struct
from mesoref.sources import read, source_files

Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_PROBLEMS = 1_000
HINTS, HINTED_LENGTH, HINTED_NAMES = 10, 60, 2_000
QUOTED_LENGTH = 80
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|NCT[0-9]{8}")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
BY_PLURAL = {each.plural: each for each in KINDS.values()}
NOTHING = frozenset(("", "~", "null"))
HEADER = ("schema", "as_of")

Mark = tuple[int, int]
Path_ = tuple[str | int, ...]


class Node:
    """A YAML node: a list of nodes, or a tuple of pairs of key node and value node.

    A scalar is its own node: the event that the parser gives for it has the same attributes.
    """

    __slots__ = ("start_mark", "style", "value")

    def __init__(self, value: Any, start_mark: Any) -> None:
        self.value, self.start_mark, self.style = value, start_mark, ""


class Place(NamedTuple):
    """Where something stands in the sources."""

    file: str
    line: int
    column: int


class Entry(NamedTuple):
    """A record as it was read: its kind, its checked body, where it stands and whether it was laid over the base."""

    kind: Kind
    body: Body
    places: dict[Path_, Place]
    local: bool


class Link(NamedTuple):
    """One mention of a record in another."""

    source: str
    kind: str
    target: str
    place: Place


class Sources(NamedTuple):
    """All that was read from the files of a base."""

    entries: dict[str, Entry]
    links: list[Link]
    as_of: str
    problems: list[Problem]


class Reading(NamedTuple):
    """How the value of a field is read: the method for one item, and the shape of the field that it is told."""

    key: str
    shape: Shape
    read: Callable[[_Reader, Shape, Any, Path_], Any]


class Plan(NamedTuple):
    """How a struct is read: its fields by key, and those that it must have."""

    readings: dict[str, Reading]
    required: list[str]


PLANS: dict[type[Struct], Plan] = {}


class _StopError(Exception):
    """The rest of a file cannot be read; the problem has been noted."""


def load(paths: Iterable[tuple[Path, bool]], *, places: bool = True,
         progress: Callable[[int, int], None] | None = None) -> Sources:
    """Read bases; each path comes with whether it is laid over the others.

    Never raises for what a file says: every mistake becomes a problem, and a record with a mistake is left out but its
    id is known, so that others do not seem to dangle.
    """
    reader = _Reader(places, progress)
    for path, local in paths:
        try:
            files = source_files(path)
        except OSError as error:
            reader.problems.append(_unread(str(path), error))
            continue
        for file in files:
            reader.read(file, local)
    reader.finish()
    return Sources(reader.entries, reader.links, reader.as_of, sorted(set(reader.problems)))


def _unread(path: str, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    if error.errno == errno.EFBIG:
        return Problem(path, 0, 0, "too-large", reason)
    return Problem(path, 0, 0, "unreadable", f"cannot be read: {reason}")


class _Reader:
    """The state of one load."""

    def __init__(self, places: bool, progress: Callable[[int, int], None] | None = None) -> None:
        self.keep_places, self.progress = places, progress
        self.entries: dict[str, Entry] = {}
        self.links: list[Link] = []
        self.problems: list[Problem] = []
        self.seen: dict[str, tuple[Kind, Place, bool]] = {}
        self.as_of = ""
        self.file = ""
        self.local = False
        self.places: dict[Path_, Place] = {}
        self.owner = ""
        self.nodes = 0
        self.hints = HINTS
        self.aliases: set[tuple[str, Mark]] = set()

    # --- problems and places ---

    def problem(self, file: str, mark: Mark, rule: str, message: str) -> None:
        self.problems.append(Problem(file, mark[0] + 1, mark[1] + 1, rule, message))
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(file, mark[0] + 1, mark[1] + 1, "too-many",
                                         f"{MAX_PROBLEMS} problems found; the rest is not read"))
            raise _StopError

    def note(self, mark: Mark, rule: str, message: str) -> None:
        # Of what an alias stands for nothing is known, so nothing more is said of it.
        if (self.file, mark) not in self.aliases:
            self.problem(self.file, mark, rule, message)

    def place(self, mark: Mark) -> Place:
        return Place(self.file, mark[0] + 1, mark[1] + 1)

    # --- files ---

    def read(self, file: Path, local: bool) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            return
        self.file, self.local = str(file), local
        try:
            self._read(file)
        except _StopError:
            pass
        except OSError as error:
            self.problems.append(_unread(self.file, error))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (-1, -1)
            self.problems.append(Problem(self.file, line + 1, column + 1, "syntax", _syntax(error)))
        except yaml.YAMLError as error:
            self.problems.append(Problem(self.file, 0, 0, "syntax", " ".join(str(error).split())))

    def _read(self, file: Path) -> None:
        text = self._text(read(file))
        try:
            self._stream(iter(Parser(text).get_event, None))
        except yaml.reader.ReaderError as error:
            # libyaml counts bytes, the parser in Python characters.
            before = text[:error.position] if Parser is yaml.SafeLoader else \
                text.encode()[:error.position].decode(errors="ignore")
            self.note(_mark_of(before), "syntax", f"the character U+{error.character:04X} is not allowed in YAML")

    def _stream(self, events: Iterator[Any]) -> None:
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            self.note((-1, -1), "empty", "the file is empty; a base begins with `schema: 1`")
            raise _StopError
        self._document(events)
        after = next(events)
        if isinstance(after, yaml.DocumentEndEvent):
            after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            self.note(_mark(after), "syntax", "a second document begins here; a file holds one")

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            mark = _mark_of(raw[:error.start].decode("utf-8-sig"))
            self.note(mark, "encoding", f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8")
            raise _StopError from None

    def _document(self, events: Iterator[Any]) -> None:
        start = next(events)
        if not isinstance(start, yaml.MappingStartEvent):
            self.note(_mark(start), "wrong-type", "a base is a mapping from kinds to records")
            raise _StopError
        self._plain(start)
        seen: dict[str, Mark] = {}
        for key in self._keys(events, seen):
            value = next(events)
            if key in HEADER:
                self._header(key, self._node(value, events, 1))
            elif key in BY_PLURAL:
                self._kind(BY_PLURAL[key], value, events)
            else:
                self.note(seen[key], "unknown-kind", f"unknown kind {_quoted(key)}"
                                                     f"{self._near(key, (*BY_PLURAL, *HEADER))}")
                self._node(value, events, 1)
        if "schema" not in seen:
            self.note(_mark(start), "missing-field", f"`schema: {SCHEMA}` is missing at the top of the file")

    def _keys(self, events: Iterator[Any], seen: dict[str, Mark]) -> Iterator[str]:
        """The keys of the mapping that has just begun; the caller takes the value of each from the events."""
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            node = self._node(event, events, 1)
            if not isinstance(node.value, str):
                self.note(_mark(node), "wrong-type", "a key must be text")
                self._node(next(events), events, 1)
            elif node.value in seen:
                self.note(_mark(node), "duplicate-key",
                          f"key {_quoted(node.value)} stands already in line {seen[node.value][0] + 1}")
                self._node(next(events), events, 1)
            else:
                seen[node.value] = _mark(node)
                self.nodes = 0
                yield node.value

    def _header(self, key: str, node: Any) -> None:
        if key == "schema":
            number = node.value if isinstance(node.value, str) and INTEGER.fullmatch(node.value) else None
            if number is None or int(number) < 1:
                self.note(_mark(node), "wrong-type", f"`schema` must be a whole number such as {SCHEMA}")
            elif int(number) > SCHEMA:
                self.note(_mark(node), "schema-version",
                          f"the file has schema {int(number)}, this program reads up to {SCHEMA}: update mesoref")
                raise _StopError
        elif (value := self._date(node)) is not None:
            self.as_of = self.as_of if self.local and self.as_of else max(self.as_of, value)
            self._future(_mark(node), value)

    def _kind(self, kind: Kind, start: Any, events: Iterator[Any]) -> None:
        if not isinstance(start, yaml.MappingStartEvent):
            node = self._node(start, events, 1)
            if node.value != "" or node.style:
                self.note(_mark(node), "wrong-type", f"`{kind.plural}` must be a mapping from ids to records")
            return
        self._plain(start)
        seen: dict[str, Mark] = {}
        for id in self._keys(events, seen):
            self._record(kind, id, seen[id], events)

    def _record(self, kind: Kind, id: str, mark: Mark, events: Iterator[Any]) -> None:
        place, before_problems = self.place(mark), len(self.problems)
        node = self._node(next(events), events, 2)
        before = self.seen.get(id)
        if before and (before[2] or not self.local):
            self.note(mark, "duplicate-id", f"id {_quoted(id)} stands already at {before[1].file}:{before[1].line}, "
                                            f"as a {before[0].name}; ids are unique over all kinds")
            return
        self.seen[id] = (kind, place, self.local)
        if self.progress and len(self.seen) % 1000 == 0:
            self.progress(len(self.seen), 0)
        if not SLUG.fullmatch(id):
            self.note(mark, "bad-id",
                      f"id {_quoted(id)} must be lower-case words joined by hyphens, such as {_quoted(_slug(id))}")
        self.places, self.owner = {(): place}, id
        body = self._struct(kind.cls, node, (), given={"id": id})
        if body is not None and len(self.problems) == before_problems:
            self.entries[id] = Entry(kind, body, self.places if self.keep_places else {}, self.local)

    def finish(self) -> None:
        """Resolve the links, now that every id is known."""
        try:
            for link in self.links:
                known = self.seen.get(link.target)
                if known is None:
                    near = self._near(link.target, (k for k, v in self.seen.items() if link.kind in ("", v[0].name)))
                    wanted = link.kind or "record"
                    self.problem(link.place.file, (link.place.line - 1, link.place.column - 1), "dangling-reference",
                                 f"{_quoted(link.source)} names the {wanted} {_quoted(link.target)}, "
                                 f"which does not exist{near}")
                elif link.kind and known[0].name != link.kind:
                    self.problem(link.place.file, (link.place.line - 1, link.place.column - 1), "dangling-reference",
                                 f"{_quoted(link.source)} names {_quoted(link.target)} as a {link.kind}, "
                                 f"but it is a {known[0].name}")
        except _StopError:
            pass

    def _near(self, text: str, options: Iterable[str]) -> str:
        """A suggestion; only for the first problems, since looking for near names is slow."""
        if self.hints == 0 or len(text) > HINTED_LENGTH:
            return ""
        self.hints -= 1
        near = difflib.get_close_matches(text, itertools.islice(options, HINTED_NAMES), 1, 0.6)
        return f"; did you mean {near[0]!r}?" if near else ""

    # --- nodes ---

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        """The node that begins with `event`, with all below it."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.note(_mark(event), "too-large", f"more than {MAX_NODES:,} values in one record")
            raise _StopError
        if type(event) is yaml.AliasEvent:
            self.note(_mark(event), "alias",
                      f"alias *{_shortened(str(event.anchor))} has no use in a base: write the value out")
            self.aliases.add((self.file, _mark(event)))
            return Node(None, event.start_mark)
        if event.anchor is not None or event.tag is not None:
            self._plain(event)
        if type(event) is yaml.ScalarEvent:
            return event
        if depth > MAX_DEPTH:
            self.note(_mark(event), "too-deep", f"nested deeper than {MAX_DEPTH} levels")
            raise _StopError
        end = yaml.SequenceEndEvent if type(event) is yaml.SequenceStartEvent else yaml.MappingEndEvent
        nodes = []
        while type(each := next(events)) is not end:
            nodes.append(self._node(each, events, depth + 1))
        if end is yaml.SequenceEndEvent:
            return Node(nodes, event.start_mark)
        return Node(tuple(zip(nodes[::2], nodes[1::2], strict=True)), event.start_mark)

    def _plain(self, event: Any) -> None:
        if event.anchor is not None:
            self.note(_mark(event), "alias", f"anchor &{_shortened(event.anchor)} has no use in a base: take it out")
        if event.tag is not None:
            self.note(_mark(event), "tag", f"tag {_quoted(event.tag)} has no use in a base: take it out")

    # --- values by declared type ---

    def _struct(self, cls: type[Struct], node: Any, path: Path_, given: Body | None = None) -> Body | None:
        if not isinstance(node.value, tuple):
            self.note(_mark(node), "wrong-type", f"expected {_article(cls.__name__.lower())} with keys such as "
                                                 f"{', '.join(f'`{each}`' for each in _keys_of(cls)[:3])}")
            return None
        values: Body = dict(given or {})
        plan = _plan(cls)
        for key, value in node.value:
            name = key.value
            reading = plan.readings.get(name) if isinstance(name, str) else None
            if reading is None or name in values:
                self._refuse(cls, node, key, given or {})
                continue
            values[name] = self._value(reading, value, (*path, name) if self.keep_places else path)
            if self.keep_places:
                self.places[(*path, name)] = self.place(_mark(key))
        missing = [each for each in plan.required if each not in values]
        for name in missing:
            owner = f"{cls.__name__.lower()} {_quoted(self.owner)}" if given else _article(cls.__name__.lower())
            self.note(_mark(node), "missing-field", f"{owner} needs `{name}` ({cls.fields[name].help})")
        return None if missing else {name: values[name] for name in cls.fields if name in values}

    def _refuse(self, cls: type[Struct], node: Any, key: Any, given: Body) -> None:
        """Say why a key cannot stand where it stands."""
        mark, name = _mark(key), key.value
        if not isinstance(name, str):
            return self.note(mark, "wrong-type", "a key must be text")
        first = next(each for each, _ in node.value if each.value == name)
        if first is not key:
            return self.note(mark, "duplicate-key",
                             f"key {_quoted(name)} stands already in line {_mark(first)[0] + 1}")
        if name in given:
            return self.note(mark, "unknown-key", f"`{name}` stands before the record, as its key")
        if name in cls.fields:
            return self.note(mark, "unknown-key", f"`{name}` is worked out from other records: take it out")
        return self.note(mark, "unknown-key", f"unknown key {_quoted(name)}{self._near(name, _keys_of(cls))}")

    def _value(self, reading: Reading, node: Any, path: Path_) -> Any:
        read, shape = reading.read, reading.shape
        if not shape.many:
            return read(self, shape, node, path)
        if not isinstance(node.value, list):
            self.note(_mark(node), "wrong-type", f"`{reading.key}` must be a list")
            return []
        return [read(self, shape, each, (*path, i)) for i, each in enumerate(node.value)]

    def _item(self, shape: Shape, node: Any, path: Path_) -> Any:
        """A struct."""
        if self.keep_places:
            self.places[path] = self.place(_mark(node))
        cls = shape.structs[0]
        if len(shape.structs) > 1 and isinstance(node.value, tuple):
            cls = shape.struct_of({key.value: None for key, _ in node.value if isinstance(key.value, str)})
        return self._struct(cls, node, path)

    def _scalar(self, shape: Shape, node: Any, path: Path_) -> Any:
        """A text, number, date or answer."""
        if self.keep_places:
            self.places[path] = self.place(_mark(node))
        text = node.value
        if not isinstance(text, str):
            self.note(_mark(node), "wrong-type", f"expected {_expected(shape)}, not a "
                                                 f"{'list' if isinstance(text, list) else 'mapping'}")
            return None
        if not node.style and text in NOTHING:
            self.note(_mark(node), "wrong-type", f"expected {_expected(shape)}, found nothing: leave the key out "
                                                 "where nothing is known")
            return None
        marker = shape.marker
        if isinstance(marker, Ref):
            self.links.append(Link(self.owner, marker.kind, text, self.place(_mark(node))))
        elif isinstance(marker, Choice):
            if text not in marker.labels:
                self.note(_mark(node), "bad-value", f"{_quoted(text)} is not allowed{self._near(text, marker.labels)}: "
                                                    f"one of {', '.join(marker.labels)}")
        elif isinstance(marker, Date):
            return self._date(node)
        elif isinstance(marker, Scheme):
            if not (text.isprintable() and re.fullmatch(marker.pattern, text)):
                rule = "bad-url" if marker.prefix == "URL" else "bad-identifier"
                self.note(_mark(node), rule, f"{_quoted(text)} is no {marker.prefix}: it must match {marker.pattern}")
        elif not text or text.isspace():
            self.note(_mark(node), "wrong-type", f"expected {_expected(shape)}, found only blanks: leave the key out "
                                                 "where nothing is known")
        elif shape.scalar != (str,):
            return self._number(shape, node)
        return text

    def _number(self, shape: Shape, node: Any) -> bool | float | str | None:
        """A number, or an answer; where text may stand too, what is quoted or no number is text."""
        text: str = node.value
        if bool in shape.scalar:
            if text not in ("true", "false"):
                self.note(_mark(node), "wrong-type", f"expected true or false, not {_quoted(text)}")
            return text == "true"
        if len(text) <= 40 and not (node.style and str in shape.scalar):
            if INTEGER.fullmatch(text):
                return int(text)
            if float in shape.scalar and NUMBER.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
        if str in shape.scalar:
            return text
        self.note(_mark(node), "wrong-type", f"expected {_expected(shape)}, not {_quoted(text)}")
        return None

    def _date(self, node: Any) -> str | None:
        text = node.value
        if isinstance(text, str) and DATE.fullmatch(text):
            try:
                datetime.date.fromisoformat((text + "-01-01")[:10])
            except ValueError:
                pass
            else:
                return text
        self.note(_mark(node), "wrong-type",
                  f"expected a date such as 2026, 2026-11 or 2026-11-23, not {_quoted(text)}")
        return None

    def _future(self, mark: Mark, value: str) -> None:
        if value > datetime.date.today().isoformat()[:len(value)]:
            self.note(mark, "future-date", f"`as_of` {value} lies in the future")


def _mark_of(before: str) -> Mark:
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def _mark(node: Any) -> Mark:
    mark = node.start_mark
    return mark.line, mark.column


def _syntax(error: Any) -> str:
    parts = [str(each) for each in (error.problem, error.context) if each]
    return " ".join(", ".join(parts).split())


def _plan(cls: type[Struct]) -> Plan:
    if cls not in PLANS:
        readings = {key: Reading(key, field.shape, _Reader._item if field.shape.structs else _Reader._scalar)
                    for key, field in cls.fields.items() if not field.derived}
        PLANS[cls] = Plan(readings, [key for key, field in cls.fields.items() if field.required])
    return PLANS[cls]


def _keys_of(cls: type[Struct]) -> list[str]:
    return [k for k, each in cls.fields.items() if not each.derived and k != "id"]


def _shortened(text: str) -> str:
    more = len(text) - QUOTED_LENGTH
    return f"{text[:QUOTED_LENGTH]} and {more:,} more characters" if more > 0 else text


def _quoted(value: Any) -> str:
    """A value as a message repeats it, at no great length; of a list or a mapping only that it is one."""
    if not isinstance(value, str):
        return "a list" if isinstance(value, list) else "a mapping"
    more = len(value) - QUOTED_LENGTH
    return f"{value[:QUOTED_LENGTH]!r} and {more:,} more characters" if more > 0 else repr(value)


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "a-name"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _expected(shape: Shape) -> str:
    if isinstance(shape.marker, Date):
        return "a date"
    if bool in shape.scalar:
        return "true or false"
    if int in shape.scalar:
        return "a number" if float in shape.scalar else "a whole number"
    return "text"
