"""Problems as they are found while sources are read: noted with their places, and worded."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from mesoref.errors import Problem

MAX_PROBLEMS = 1_000
HINTS, HINTED_LENGTH, HINTED_NAMES = 10, 60, 2_000
QUOTED_LENGTH = 80

Mark = tuple[int, int]
"""Line and column, counted from 0."""


class Place(NamedTuple):
    """Where something stands in the sources; line and column are counted from 1."""

    file: str
    line: int
    column: int


class StopError(Exception):
    """The rest of a file cannot be read; the problem has been noted."""


class Notes:
    """The problems found so far, and the file that is being read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.file = ""
        self.hints = HINTS
        self.aliases: set[tuple[str, Mark]] = set()

    @property
    def full(self) -> bool:
        """Whether so many problems were found that the rest is not read."""
        return len(self.problems) >= MAX_PROBLEMS

    def add(self, file: str, mark: Mark, rule: str, message: str) -> None:
        """Note a problem in any file; raises StopError where there are too many."""
        self.problems.append(Problem(file, mark[0] + 1, mark[1] + 1, rule, message))
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(file, mark[0] + 1, mark[1] + 1, "too-many",
                                         f"{MAX_PROBLEMS} problems found; the rest is not read"))
            raise StopError

    def note(self, mark: Mark, rule: str, message: str) -> None:
        """Note a problem in the file that is being read; raises StopError where there are too many."""
        # Of what an alias stands for nothing is known, so nothing more is said of it.
        if (self.file, mark) not in self.aliases:
            self.add(self.file, mark, rule, message)

    def alias(self, mark: Mark, name: str) -> None:
        """Note that an alias stands where a value should."""
        self.note(mark, "alias", f"alias *{shortened(name)} has no use in a base: write the value out")
        self.aliases.add((self.file, mark))

    def place(self, mark: Mark) -> Place:
        """A mark in the file that is being read."""
        return Place(self.file, mark[0] + 1, mark[1] + 1)

    def near(self, text: str, options: Iterable[str]) -> str:
        """A suggestion; only for the first problems, since looking for near names is slow."""
        if self.hints == 0 or len(text) > HINTED_LENGTH:
            return ""
        self.hints -= 1
        near = difflib.get_close_matches(text, itertools.islice(options, HINTED_NAMES), 1, 0.6)
        return f"; did you mean {near[0]!r}?" if near else ""


def mark_of(node: Any) -> Mark:
    """Where a node or an event of the parser begins."""
    mark = node.start_mark
    return mark.line, mark.column


def end_of(text: str) -> Mark:
    """Where a text ends that stands at the beginning of a file."""
    return text.count("\n"), len(text) - text.rfind("\n") - 1


def shortened(text: str) -> str:
    """A text at no great length."""
    more = len(text) - QUOTED_LENGTH
    return f"{text[:QUOTED_LENGTH]} and {more:,} more characters" if more > 0 else text


def quoted(value: Any) -> str:
    """A value as a message repeats it, at no great length; of a list or a mapping only that it is one."""
    if not isinstance(value, str):
        return "a list" if isinstance(value, list) else "a mapping"
    more = len(value) - QUOTED_LENGTH
    return f"{value[:QUOTED_LENGTH]!r} and {more:,} more characters" if more > 0 else repr(value)


def slug(text: str) -> str:
    """An id that is made like a text."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "a-name"


def article(noun: str) -> str:
    """A noun after `a` or `an`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
