"""Views to text: one literal table of formats; a module a format, loaded when it is used."""

from __future__ import annotations

import importlib
import io
from typing import Final, Protocol, TextIO

from mesoref.errors import UsageError
from mesoref.views import (
    Bibliography,
    Chart,
    Comparison,
    Document,
    Hits,
    Problems,
    Profiles,
    Report,
    Table,
    Tree,
    View,
)

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

COMMON: Final = ("table", "plain", "json", "jsonl", "csv", "tsv", "markdown", "html")
CITING: Final = ("bibtex", "ris", "csl-json")
ANSWERS: Final[dict[type, tuple[str, tuple[str, ...]]]] = {
    Table: ("list", COMMON),
    Profiles: ("show", COMMON),
    Comparison: ("compare", COMMON),
    Hits: ("search", COMMON),
    Bibliography: ("cite", (*COMMON, *CITING)),
    Tree: ("links", (*COMMON, "dot", "mermaid")),
    Chart: ("chart", (*COMMON, "svg")),
    Problems: ("check", (*COMMON, "github")),
    Document: ("schema", ("table", "plain", "json", "jsonl", "html")),
    Report: ("info", COMMON),
}
"""View to the command that gives it and the formats that have words for it; sources can be written as `cite` does."""

INSTEAD: Final = dict.fromkeys(CITING, "for sources: mesoref cite {ids} -f {format}") | {
    "dot": "for a graph: mesoref links {ids} -f dot", "mermaid": "for a graph: mesoref links {ids} -f mermaid",
    "svg": "for a picture: mesoref chart NAME -f svg", "github": "it is for `mesoref check`"}
"""Format to the command that it is for."""

ALIASES: Final = {"text": "plain", "md": "markdown"}

SUFFIXES: Final = {".txt": "plain", ".json": "json", ".jsonl": "jsonl", ".csv": "csv", ".tsv": "tsv",
                   ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
                   ".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid",
                   ".bib": "bibtex", ".ris": "ris"}


class Writer(Protocol):
    """What a format is: it writes a view to a stream."""

    def __call__(self, view: View, stream: TextIO) -> None:
        """Write the view."""


class CannotSayError(UsageError):
    """A format has no words for a view."""

    def __init__(self, format: str, view: View) -> None:
        instead = INSTEAD.get(format, "").format(ids=_asked(view), format=format)
        super().__init__(f"`mesoref {command_of(view)}` cannot be written as {format}"
                         f"{f' ({instead})' if instead else ''}; its formats: {', '.join(formats_of(view))}")


def command_of(view: View) -> str:
    """The command that gives such an answer."""
    match view:
        case Report():
            return view.command
        case Profiles(lay=True):
            return "explain"
        case _:
            return ANSWERS[type(view)][0]


def formats_of(view: View) -> tuple[str, ...]:
    """The formats that have words for a view."""
    match view:
        case Table():
            sources = view.kind.citable
        case Profiles():
            sources = all(each.record.kind.citable for each in view.profiles)
        case _:
            sources = False
    return (*ANSWERS[type(view)][1], *(CITING if sources else ()))


def _asked(view: View) -> str:
    """The ids that were asked for, or what stands for them."""
    match view:
        case Profiles():
            return " ".join(each.record.id for each in view.profiles)
        case Comparison():
            return " ".join(each.id for each in view.records)
        case Tree():
            return view.root.line.id
        case _:
            return "ID"


def format_named(name: str) -> str:
    """The format with this name; raises UsageError for an unknown one."""
    format = ALIASES.get(name, name)
    if format not in FORMATS:
        raise UsageError(f"no format {name!r}; one of {', '.join(FORMATS)}")
    return format


def writer(name: str) -> Writer:
    """The writer of a format, which raises CannotSayError where it has no words; UsageError for an unknown format."""
    format = format_named(name)
    module = importlib.import_module(f"mesoref.render.{FORMATS[format]}")
    write: Writer = getattr(module, f"write_{format.replace('-', '_')}")

    def checked(view: View, stream: TextIO) -> None:
        if format not in formats_of(view):
            raise CannotSayError(format, view)
        write(view, stream)

    return checked


def as_text(view: View, format: str = "plain") -> str:
    """A view in a format; raises UsageError for an unknown one and for one that has no words for such a view."""
    if not isinstance(view, View):
        raise TypeError(f"what is written is a view, not {view!r}")
    stream = _Text()
    writer(format)(view, stream)
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
