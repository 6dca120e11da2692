"""Bases made up from the fields of the kinds, and sound bases damaged, as Hypothesis draws them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from mesoref.model import KINDS
from mesoref.schema import Choice, Date, Field, Kind, Ref, Scheme, Struct

Document = dict[str, Any]
TODAY = datetime.date(2026, 1, 1)
# PyYAML writes these three as they are, and YAML 1.1 takes them for ends of lines.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), min_size=1,
                max_size=20).filter(str.strip)
AMOUNTS = (st.integers(-10**17, 10**17) | st.floats(allow_nan=False, allow_infinity=False)
           | TEXTS.filter(lambda text: not re.match(r"[-+.\d]", text)))
OTHERS = ("12", "[]", "{}", "~", "[a, {b: c}]", "{[a]: b}", "true", "2026-13-45", "1e999", '"\\0\\e\\u202e"', "|", "*a")


def ids(kind: str) -> list[str]:
    """The ids of the records of a kind, or of all kinds: one made up and one as plain as can be."""
    return [f"{name}-{what}" for name in ([kind] if kind else KINDS) for what in ("full", "bare")]


def values(field: Field) -> st.SearchStrategy[Any]:
    """Sound values of a field, none of them empty."""
    return st.lists(items(field), min_size=1, max_size=3) if field.shape.many else items(field)


def items(field: Field) -> st.SearchStrategy[Any]:
    """Sound single values of a field."""
    shape = field.shape
    match shape.marker:
        case Choice(labels=labels):
            return st.sampled_from(list(labels))
        case Ref(kind=kind):
            return st.sampled_from(ids(kind))
        case Scheme(pattern=pattern):
            return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).filter(str.isprintable)
        case Date():
            return st.dates(datetime.date(1900, 1, 1), TODAY).map(str)
    if shape.structs:
        return st.one_of([structs(each) for each in shape.structs])
    if len(shape.scalar) > 1:
        return AMOUNTS
    return {str: TEXTS, int: st.integers(-10**17, 10**17), bool: st.booleans()}[shape.scalar[0]]


def structs(cls: type[Struct]) -> st.SearchStrategy[Document]:
    """Sound mappings for a struct or a record."""
    fields = {key: field for key, field in cls.fields.items() if not field.derived and key != "id"}
    return st.fixed_dictionaries({key: values(field) for key, field in fields.items() if field.required},
                                 optional={key: values(field) for key, field in fields.items() if not field.required})


def plainest(kind: Kind) -> Document:
    """A record with nothing but what it must have."""
    return {key: _plainest(field) for key, field in kind.fields.items()
            if field.required and not field.derived and key != "id"}


def _plainest(field: Field) -> Any:
    shape = field.shape
    match shape.marker:
        case Choice(labels=labels):
            value: Any = next(iter(labels))
        case Ref(kind=kind):
            value = ids(kind)[-1]
        case _:
            value = {key: _plainest(each) for key, each in shape.structs[0].fields.items()
                     if each.required and not each.derived} if shape.structs else "Word"
    return [value] if shape.many else value


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Sound bases with two records of every kind, one of them made up."""
    chosen = draw(st.sampled_from(list(KINDS.values())))
    document: Document = {"schema": 1, "as_of": str(TODAY)}
    for kind in KINDS.values():
        full, bare = ids(kind.name)
        document[kind.plural] = {full: draw(structs(kind.cls)) if kind is chosen else plainest(kind),
                                 bare: plainest(kind)}
    return document


def written(document: Document, file: Path) -> Path:
    """The file, with the document in it."""
    file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A base with some of its lines taken away, doubled, exchanged, retyped, indented or cut off."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["delete", "double", "swap", "retype", "indent", "truncate", "insert"])):
            case "delete":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "retype":
                key, colon, _ = lines[at].partition(":")
                lines[at] = f"{key}{colon} {draw(st.sampled_from(OTHERS))}"
            case "indent":
                lines[at] = " " * draw(st.integers(0, 8)) + lines[at].lstrip()
            case "truncate":
                lines = [*lines[:at], lines[at][:draw(st.integers(0, len(lines[at])))]]
            case _:
                cut = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut] + draw(st.text(st.characters(codec="utf-8"), max_size=5)) + lines[at][cut:]
        lines = lines or [""]
    return "\n".join(lines)
