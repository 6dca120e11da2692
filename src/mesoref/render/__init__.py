"""Views to text: one literal table of formats; a module a format, loaded when it is used."""

from __future__ import annotations

import importlib
import io
from typing import Final, Protocol, TextIO

from mesoref.errors import UsageError
from mesoref.views import View

FORMATS: Final = {
    "table": "screen",
    "plain": "plain",
    "json": "jsons",
    "jsonl": "jsons",
    "csv": "delimited",
    "tsv": "delimited",
    "markdown": "markdown",
    "html": "html",
    "svg": "svg",
    "github": "github",
    "dot": "graph",
    "mermaid": "graph",
    "bibtex": "bibtex",
    "ris": "ris",
    "csl-json": "csl",
}
"""Format to module. Each module has `write_FORMAT(view, stream)` for the formats it serves."""

ALIASES: Final = {"text": "plain", "md": "markdown"}

SUFFIXES: Final = {".txt": "plain", ".json": "json", ".jsonl": "jsonl", ".csv": "csv", ".tsv": "tsv",
                   ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
                   ".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid",
                   ".bib": "bibtex", ".ris": "ris"}


class Writer(Protocol):
    """What a format is: it writes a view to a stream, or raises CannotSayError."""

    def __call__(self, view: View, stream: TextIO) -> None:
        """Write the view."""


class CannotSayError(UsageError):
    """A format has no words for a view."""

    def __init__(self, format: str, view: View, instead: str) -> None:
        name = type(view).__name__.lower()
        super().__init__(f"{format} cannot write {'an' if name[0] in 'aeiou' else 'a'} {name}; use {instead}")


def format_named(name: str) -> str:
    """The format with this name; raises UsageError for an unknown one."""
    format = ALIASES.get(name, name)
    if format not in FORMATS:
        raise UsageError(f"no format {name!r}; one of {', '.join(FORMATS)}")
    return format


def writer(name: str) -> Writer:
    """The writer of a format; raises UsageError for an unknown one."""
    format = format_named(name)
    module = importlib.import_module(f"mesoref.render.{FORMATS[format]}")
    write: Writer = getattr(module, f"write_{format.replace('-', '_')}")
    return write


def as_text(view: View, format: str = "plain") -> str:
    """A view in a format; raises UsageError for an unknown one and for one that has no words for such a view."""
    if not isinstance(view, View):
        raise TypeError(f"what is written is a view, not {view!r}")
    stream = _Text()
    writer(ALIASES.get(format, format))(view, stream)
    return stream.getvalue()


class _Text(io.StringIO):
    """Text that takes every letter."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


def format_of_suffix(suffix: str) -> str:
    """The format that a file's suffix asks for; raises UsageError for an unknown one."""
    if suffix.lower() not in SUFFIXES:
        raise UsageError(f"no format for the suffix {suffix!r}; name one with --format, or use {', '.join(SUFFIXES)}")
    return SUFFIXES[suffix.lower()]
