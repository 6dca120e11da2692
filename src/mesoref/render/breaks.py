"""Where a line of text may break: between words, but not within an address or between a number and what it counts."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from mesoref.render.device import width

NO_BREAK: Final = "\u00a0"
TOGETHER: Final = re.compile(
    r"\[[^]]{1,12}\]| [A-E][],]|\bn = \d+"
    r"|\d (?:%|(?:month|week|day|year|hour|minute|patient|sample|tumour|kb|mg|kg|ml)s?\b|people\b)")
HYPHEN: Final = re.compile(r"(?<=\w-)(?=\w)")


def together(text: str) -> str:
    """Text in which the blanks within short notes, `n = 18` and `23.9 months` do not break a line."""
    return TOGETHER.sub(lambda found: found[0].replace(" ", NO_BREAK), text)


def wrapped(text: str, columns: int, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most so many columns; only an address may be longer, which then has a line of its own."""
    return _Wrapper(max(columns, len(rest) + 8), first, rest, break_on_hyphens=False).wrap(text)


def fitted(lines: Iterable[str]) -> Iterator[str]:
    """Lines as wide as the terminal at most; what does not fit goes on under its beginning, a little to the right."""
    columns = width()
    for each in lines:
        indent = each[:len(each) - len(each.lstrip())]
        yield from wrapped(together(each.strip()), columns, indent, f"{indent}  ") or [""]


def words(text: str) -> list[str]:
    """The parts of a text between which a line of a narrow column may break: words, and what hyphens join."""
    return [each for each in _parts(text) if not each.isspace()]


def narrowed(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns, broken behind hyphens too."""
    return _Narrow(columns).wrap(text)


def _parts(text: str) -> list[str]:
    return [part for each in re.split(r"(\s+)", text)
            for part in ([each] if "://" in each else HYPHEN.split(each)) if part]


class _Wrapper(textwrap.TextWrapper):
    def _handle_long_word(self, reversed_chunks: list[str], cur_line: list[str], cur_len: int, width: int) -> None:
        if "://" not in reversed_chunks[-1]:
            super()._handle_long_word(reversed_chunks, cur_line, cur_len, width)
        elif not cur_line:
            # A broken address leads nowhere; the terminal wraps it and still knows it for one.
            cur_line.append(reversed_chunks.pop())


class _Narrow(_Wrapper):
    def _split(self, text: str) -> list[str]:
        return _parts(text)
