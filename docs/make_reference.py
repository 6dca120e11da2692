"""Write `docs/reference.md` out of the program itself: `python docs/make_reference.py`."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mesoref.about import EXIT_CODES
from mesoref.checks import PAGES
from mesoref.cli import COMMANDS, build
from mesoref.model import KINDS, LEVELS
from mesoref.render import ALIASES, ANSWERS, FORMATS, SUFFIXES
from mesoref.schema import Date, Field, Shape, Struct

TARGET = Path(__file__).with_name("reference.md")
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}
HEAD = """\
# Reference

Commands, formats, kinds, rules and exit codes, as the program itself knows them. `python docs/make_reference.py` writes
this page; do not edit it.
"""


def reference() -> str:
    """The page."""
    return "\n".join([HEAD, *commands(), *formats(), *kinds(), *rules(), *codes()])


def commands() -> Iterator[str]:
    """The help of the program and of each command."""
    yield "## Commands\n"
    for name in ("", *COMMANDS):
        yield f"### `{f'mesoref {name}'.strip()}`\n\n```text\n{help_of(name)}\n```\n"


def help_of(name: str) -> str:
    """What `mesoref NAME --help` prints on a screen of 80 columns."""
    os.environ["COLUMNS"] = "80"
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        build()([*([name] if name else []), "--help"], prog_name="mesoref")
    return "\n".join(each.rstrip() for each in out.getvalue().strip("\n").splitlines())


def formats() -> Iterator[str]:
    """The formats, with what asks for them beside their name."""
    yield ("## Formats\n\nNamed with `--format`, or by the suffix of the file that `--output` names. Where nothing is\n"
           "found, only JSON is written, an object without records; otherwise a file that is there stays as it was.\n")
    written = {name: [command for command, each in ANSWERS.values() if name in each] for name in FORMATS}
    yield table(("format", "written by", "also called", "suffixes"), ((
        f"`{name}`", "every command" if len(written[name]) == len(ANSWERS) else listed(written[name]),
        listed(alias for alias, of in ALIASES.items() if of == name),
        listed(suffix for suffix, of in SUFFIXES.items() if of == name)) for name in FORMATS))


def kinds() -> Iterator[str]:
    """The kinds with their fields, then what their fields hold."""
    yield ("## Kinds\n\nA file holds records by id under the plural of their kind. **Bold** fields must be there;\n"
           "what is worked out from other records cannot stand in a file.\n")
    structs: dict[str, type[Struct]] = {}
    for kind in KINDS.values():
        yield f"### `{kind.plural}`\n\n{kind.help}\n"
        yield fields(kind.cls, structs)
    yield "## Values with sources\n"
    for name, cls in sorted(structs.items()):
        yield f"### {name}\n\n{(cls.__doc__ or '').partition(chr(10))[0]}\n"
        yield fields(cls, {})
    yield "## Levels of evidence\n"
    yield table(("level", "its sources"), ((f"`{letter}`", text) for letter, text in LEVELS.items()))


def fields(cls: type[Struct], structs: dict[str, type[Struct]]) -> str:
    """A table of fields; the structs that they hold are collected."""
    rows = []
    for key, field in cls.fields.items():
        structs.update((each.__name__, each) for each in field.shape.structs)
        mark = f"**`{key}`**" if field.required else f"`{key}`"
        rows.append((mark, field.label, field.help, "worked out" if field.derived else holds(field)))
    return table(("field", "label", "what it is", "what it holds"), rows)


def holds(field: Field) -> str:
    """What a field may hold, in words."""
    return f"list: {item(field.shape)}" if field.shape.many else item(field.shape)


def item(shape: Shape) -> str:
    """What one value may be, in words."""
    if shape.structs:
        return " or ".join(f"[{each.__name__}](#{each.__name__.lower()})" for each in shape.structs)
    if shape.choice:
        return ", ".join(f"`{each}`" for each in shape.choice.labels)
    if shape.ref:
        article = "an" if shape.ref.kind[:1] in "aeiou" else "a"
        return f"id of {article} {shape.ref.kind}" if shape.ref.kind else "id"
    if shape.scheme:
        return f"{shape.scheme.prefix} `{shape.scheme.pattern}`"
    return "date" if isinstance(shape.marker, Date) else " or ".join(WORDS[each] for each in shape.scalar)


def rules() -> Iterator[str]:
    """The rules of `mesoref check`."""
    yield "## Rules\n\nWhat `mesoref check` finds, named in square brackets after each message.\n"
    yield table(("rule", "what is wrong"), ((f"`{rule}`", page) for rule, page in sorted(PAGES.items())))


def codes() -> Iterator[str]:
    """The exit codes."""
    yield "## Exit codes\n"
    yield table(("code", "what it means"), ((f"`{code}`", text) for code, text in EXIT_CODES.items()))


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(each.replace('|', chr(92) + '|') for each in line)} |\n" for line in lines)


def listed(names: Iterable[str]) -> str:
    """Names in one cell."""
    return ", ".join(f"`{each}`" for each in names)


def main() -> None:
    """Write the page."""
    TARGET.write_text(reference(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
