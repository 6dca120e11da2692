"""YAML sources to records and problems, with places. The only module that imports yaml.

A source is read event by event, one record at a time. Nothing is constructed but text, lists and mappings: what a
scalar means is decided by the declared type of its field, so `NO` stays a string and `2024-01` a date. Anchors, aliases
and tags have no use in a base and are refused, which leaves nothing that could explode or run.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mesoref.errors import Problem
from mesoref.model import KINDS, SCHEMA
from mesoref.notes import Mark, Notes, Place, StopError, end_of, mark_of, quoted, shortened, slug
from mesoref.reading import INTEGER, Link, Path_, Reader, places_of
from mesoref.schema import Body, Kind
from mesoref.sources import read, source_files

Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 32
MAX_NODES = 100_000
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|NCT[0-9]{8}")
BY_PLURAL = {each.plural: each for each in KINDS.values()}
HEADER = ("schema", "as_of")

class Node:
    """A YAML node: a list of nodes, or a tuple of pairs of key node and value node.

    A scalar is its own node: the event that the parser gives for it has the same attributes.
    """

    __slots__ = ("start_mark", "style", "value")

    def __init__(self, value: Any, start_mark: Any) -> None:
        self.value, self.start_mark, self.style = value, start_mark, ""


class Entry(NamedTuple):
    """A record as it was read: its kind, its checked body, where it stands and whether it was laid over the base."""

    kind: Kind
    body: Body
    places: dict[Path_, Place]
    local: bool


class Sources(NamedTuple):
    """All that was read from the files of a base.

    `heads` are the dates that its files give for themselves. It is not `whole` where records could not be read at all.
    """

    entries: dict[str, Entry]
    links: list[Link]
    as_of: str
    heads: list[tuple[Place, str]]
    whole: bool
    problems: list[Problem]


def load(paths: Iterable[tuple[Path, bool]], *, places: bool = True,
         progress: Callable[[int, int], None] | None = None) -> Sources:
    """Read bases; each path comes with whether it is laid over the others.

    Never raises for what a file says: every mistake becomes a problem, and a record with a mistake is left out but its
    id is known, so that others do not seem to dangle.
    """
    loading = _Loading(places, progress)
    for path, local in paths:
        try:
            files = source_files(path)
        except OSError as error:
            loading.notes.problems.append(_unread(str(path), error))
            loading.cut = True
            continue
        for file in files:
            loading.read(file, local)
    loading.resolve()
    return Sources(loading.entries, loading.reader.links, loading.as_of, loading.heads,
                   not (loading.cut or loading.lost), sorted(set(loading.notes.problems)))


def _unread(path: str, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    if error.errno == errno.EFBIG:
        return Problem(path, 0, 0, "too-large", reason)
    return Problem(path, 0, 0, "unreadable", f"cannot be read: {reason}")



class _Loading:
    """The state of one load."""

    def __init__(self, places: bool, progress: Callable[[int, int], None] | None = None) -> None:
        self.notes, self.keep_places, self.progress = Notes(), places, progress
        self.note = self.notes.note
        self.reader = Reader(self.notes)
        self.entries: dict[str, Entry] = {}
        self.seen: dict[str, tuple[Kind, Place, bool]] = {}
        self.as_of = ""
        self.heads: list[tuple[Place, str]] = []
        self.cut = False
        self.lost: set[str] = set()
        self.local = False
        self.nodes = 0

    def read(self, file: Path, local: bool) -> None:
        """Read a file; whatever is wrong with it becomes a problem."""
        if self.notes.full:
            return
        self.notes.file, self.local = str(file), local
        self.notes.aliases.clear()
        # Where reading stops short, nobody knows which records stand behind that place.
        cut = True
        try:
            self._read(file)
            cut = False
        except StopError:
            pass
        except OSError as error:
            self.notes.problems.append(_unread(str(file), error))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (-1, -1)
            self.notes.problems.append(Problem(str(file), line + 1, column + 1, "syntax", _syntax(error)))
        except yaml.YAMLError as error:
            self.notes.problems.append(Problem(str(file), 0, 0, "syntax", " ".join(str(error).split())))
        self.cut |= cut

    def _read(self, file: Path) -> None:
        text = self._text(read(file))
        try:
            self._stream(iter(Parser(text).get_event, None))
        except yaml.reader.ReaderError as error:
            # libyaml counts bytes, the parser in Python characters.
            before = text[:error.position] if Parser is yaml.SafeLoader else \
                text.encode()[:error.position].decode(errors="ignore")
            self.note(end_of(before), "syntax", f"the character U+{error.character:04X} is not allowed in YAML")
            raise StopError from None

    def _stream(self, events: Iterator[Any]) -> None:
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            self.note((-1, -1), "empty", "the file is empty; a base begins with `schema: 1`")
            raise StopError
        self._document(events)
        after = next(events)
        if isinstance(after, yaml.DocumentEndEvent):
            after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            self.note(mark_of(after), "syntax", "a second document begins here; a file holds one")
            raise StopError

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            mark = end_of(raw[:error.start].decode("utf-8-sig"))
            self.note(mark, "encoding", f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8")
            raise StopError from None

    def _document(self, events: Iterator[Any]) -> None:
        start = next(events)
        if not isinstance(start, yaml.MappingStartEvent):
            self.note(mark_of(start), "wrong-type", "a base is a mapping from kinds to records")
            raise StopError
        self._plain(start)
        seen: dict[str, Mark] = {}
        for key in self._keys(events, seen):
            value = next(events)
            if key in HEADER:
                self._header(key, self._node(value, events, 1))
            elif key in BY_PLURAL:
                self._kind(BY_PLURAL[key], value, events)
            else:
                self.note(seen[key], "unknown-kind", f"unknown kind {quoted(key)}"
                                                     f"{self.notes.near(key, (*BY_PLURAL, *HEADER))}")
                node = self._node(value, events, 1)
                if isinstance(node.value, tuple):
                    self.lost.update(str(id.value) for id, _ in node.value)
        if "schema" not in seen:
            self.note(mark_of(start), "missing-field", f"`schema: {SCHEMA}` is missing at the top of the file")

    def _keys(self, events: Iterator[Any], seen: dict[str, Mark]) -> Iterator[str]:
        """The keys of the mapping that has just begun; the caller takes the value of each from the events."""
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            node = self._node(event, events, 1)
            if not isinstance(node.value, str):
                self.note(mark_of(node), "wrong-type", "a key must be text")
                self._node(next(events), events, 1)
            elif node.value in seen:
                self.note(mark_of(node), "duplicate-key",
                          f"key {quoted(node.value)} stands already in line {seen[node.value][0] + 1}")
                self._node(next(events), events, 1)
            else:
                seen[node.value] = mark_of(node)
                self.nodes = 0
                yield node.value

    def _header(self, key: str, node: Any) -> None:
        if key == "schema":
            number = node.value if isinstance(node.value, str) and INTEGER.fullmatch(node.value) else None
            if number is None or int(number) < 1:
                self.note(mark_of(node), "wrong-type", f"`schema` must be a whole number such as {SCHEMA}")
            elif int(number) > SCHEMA:
                self.note(mark_of(node), "schema-version",
                          f"the file has schema {int(number)}, this program reads up to {SCHEMA}: update mesoref")
                raise StopError
        elif (value := self.reader.date(node)) is not None:
            self.as_of = self.as_of if self.local and self.as_of else max(self.as_of, value)
            self.heads.append((self.notes.place(mark_of(node)), value))

    def _kind(self, kind: Kind, start: Any, events: Iterator[Any]) -> None:
        if not isinstance(start, yaml.MappingStartEvent):
            node = self._node(start, events, 1)
            if node.value != "" or node.style:
                self.note(mark_of(node), "wrong-type", f"`{kind.plural}` must be a mapping from ids to records")
                self.cut = True
            return
        self._plain(start)
        seen: dict[str, Mark] = {}
        for id in self._keys(events, seen):
            self._record(kind, id, seen[id], events)

    def _record(self, kind: Kind, id: str, mark: Mark, events: Iterator[Any]) -> None:
        place, before_problems = self.notes.place(mark), len(self.notes.problems)
        node = self._node(next(events), events, 2)
        before = self.seen.get(id)
        if before and (before[2] or not self.local):
            self.note(mark, "duplicate-id", f"id {quoted(id)} stands already at {before[1].file}:{before[1].line}, "
                                            f"as a {before[0].name}; ids are unique over all kinds")
            return
        self.seen[id] = (kind, place, self.local)
        if self.progress and len(self.seen) % 1000 == 0:
            self.progress(len(self.seen), 0)
        if not SLUG.fullmatch(id):
            self.note(mark, "bad-id",
                      f"id {quoted(id)} must be lower-case words joined by hyphens, such as {quoted(slug(id))}")
        body = self.reader.record(kind.cls, id, node)
        if body is not None and len(self.notes.problems) == before_problems:
            places = {(): place, **dict(places_of(node, self.notes.place))} if self.keep_places else {}
            self.entries[id] = Entry(kind, body, places, self.local)

    def resolve(self) -> None:
        """Resolve the links, now that every id is known."""
        try:
            for link in self.reader.links:
                known, kind = self.seen.get(link.target), link.kind
                if known is None and not self.cut and link.target not in self.lost:
                    near = self.notes.near(link.target, (k for k, v in self.seen.items() if kind in ("", v[0].name)))
                    self.notes.add(link.file, link.mark, "dangling-reference",
                                   f"{quoted(link.source)} names the {kind or 'record'} {quoted(link.target)}, "
                                   f"which does not exist{near}")
                elif kind and known and known[0].name != kind:
                    self.notes.add(link.file, link.mark, "dangling-reference",
                                   f"{quoted(link.source)} names {quoted(link.target)} as a {kind}, "
                                   f"but it is a {known[0].name}")
        except StopError:
            pass

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        """The node that begins with `event`, with all below it."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.note(mark_of(event), "too-large", f"more than {MAX_NODES:,} values in one record")
            raise StopError
        if type(event) is yaml.AliasEvent:
            self.notes.alias(mark_of(event), str(event.anchor))
            return Node(None, event.start_mark)
        if event.anchor is not None or event.tag is not None:
            self._plain(event)
        if type(event) is yaml.ScalarEvent:
            return event
        if depth > MAX_DEPTH:
            self.note(mark_of(event), "too-deep", f"nested deeper than {MAX_DEPTH} levels")
            raise StopError
        end = yaml.SequenceEndEvent if type(event) is yaml.SequenceStartEvent else yaml.MappingEndEvent
        nodes: list[Any] = []
        for each in events:
            kind = type(each)
            if kind is yaml.ScalarEvent and each.anchor is None and each.tag is None and self.nodes < MAX_NODES:
                # What most nodes are is not worth a call.
                self.nodes += 1
                nodes.append(each)
            elif kind is end:
                break
            else:
                nodes.append(self._node(each, events, depth + 1))
        if end is yaml.SequenceEndEvent:
            return Node(nodes, event.start_mark)
        return Node(tuple(zip(nodes[::2], nodes[1::2], strict=True)), event.start_mark)

    def _plain(self, event: Any) -> None:
        if event.anchor is not None:
            self.note(mark_of(event), "alias", f"anchor &{shortened(event.anchor)} has no use in a base: take it out")
        if event.tag is not None:
            self.note(mark_of(event), "tag", f"tag {quoted(event.tag)} has no use in a base: take it out")

def _syntax(error: Any) -> str:
    parts = [str(each) for each in (error.problem, error.context) if each]
    return " ".join(", ".join(parts).split())
