"""What can go wrong, with the exit code that each gives."""

from __future__ import annotations

from collections.abc import Sequence

from mesoref.frozen import Frozen


class Problem(Frozen):
    """A mistake in a source, with its place; lines and columns count from 1, and 0 means the whole file."""

    file: str
    line: int
    column: int
    rule: str
    message: str

    def __lt__(self, other: Problem) -> bool:
        return tuple(self.asdict().values()) < tuple(other.asdict().values())

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message} [{self.rule}]"


class MesorefError(Exception):
    """Base of every error that a user can cause or mend; the message says what is wrong and what to do."""

    exit_code = 1


class NotFoundError(MesorefError):
    """The base holds no such record, or several that the name could mean."""


class UsageError(MesorefError):
    """The question itself is wrong: an impossible combination, an unknown field, a file that cannot be written."""

    exit_code = 2


class BaseError(MesorefError):
    """The base cannot be read or is invalid; `problems` are all of its mistakes, `message` is said without them."""

    exit_code = 3

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)

    def __str__(self) -> str:
        first = f": {self.problems[0]}" if self.problems else ""
        more = len(self.problems) - 1
        return f"{self.message}{first}" + (f"; and {more} more in `problems`" if more > 0 else "")
