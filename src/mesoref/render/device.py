"""What a terminal can show: its width, its colours, its letters."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO

NARROWEST, DEFAULT_WIDTH, WIDEST = 20, 80, 10_000


def width() -> int:
    """How many columns there are: `COLUMNS` if it is a sensible number, else the terminal's, else 80."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and 0 < int(asked) < WIDEST:
        return max(NARROWEST, int(asked))
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            columns = os.get_terminal_size(stream.fileno()).columns  # type: ignore[union-attr]
            return max(NARROWEST, columns or DEFAULT_WIDTH)
    return DEFAULT_WIDTH


def coloured(stream: TextIO) -> bool:
    """Whether a stream takes colour: `NO_COLOR` forbids and `FORCE_COLOR` asks for it, else a terminal decides."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (
        stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown"))


def only_ascii(stream: TextIO) -> bool:
    """Whether a stream knows only ASCII or its near kin, so that bullets and rules must be plain."""
    return not (stream.encoding or "").lower().startswith("utf")
