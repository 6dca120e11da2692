"""Markdown: tables and lists that GitHub, a note or a wiki shows as they are meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from mesoref import values
from mesoref.render import plain
from mesoref.render.clean import line, web
from mesoref.render.clean import markdown as clean
from mesoref.render.grid import grid
from mesoref.schema import Record
from mesoref.views import Bibliography, Chart, Comparison, Hits, Profiles, Report, Table, Tree, View


def write_markdown(view: View, stream: TextIO) -> None:
    """Write a view as Markdown."""
    stream.write("\n".join(lines_of(view)) + "\n")


def lines_of(view: View) -> list[str]:
    """A view as lines of Markdown."""
    match view:
        case Table():
            rows = [[each or values.NOT_FOUND for each in row] for row in grid(view)[1]]
            key = values.key_of_column(view)
            return [*rule(values.header(view), rows), "", *([clean(key), ""] if key else []),
                    *closing(view.context.as_of)]
        case Profiles():
            return profiles(view)
        case Comparison():
            return comparison(view)
        case Hits():
            return hits(view)
        case Tree():
            return [*(f"{each[:len(each) - len(each.lstrip())]}- {clean(each.strip())}"
                      for each in plain.tree(view.root, "")), "", *closing(view.context.as_of)]
        case Bibliography():
            return [f"{number}. {reference(each)}" for number, each in enumerate(view.references, 1)]
        case Report():
            lines = [f"# {clean(view.title)}"]
            for label, facts in view.sections:
                lines += ["", f"## {clean(label)}", "", *(f"- {clean(name)}{f': {clean(value)}' if value else ''}"
                                                          for name, value in facts)]
            return lines
        case Chart():
            return chart(view)
        case _:
            return rule(*grid(view))


def hits(view: Hits) -> list[str]:
    """A list of hits, each with the text that answers; what matched is strong."""
    notes = values.Ids(view.context)
    lines = [f"{clean(each)}  " for each in values.missing(view)]
    lines += [f"- **{clean(values.found(each))}**  \n  {clean(each.label)}: {values.starred(each, clean, '**')} "
              f"{clean(notes.mark(each.piece))}".rstrip() for each in view.hits]
    return [*lines, "", *closing(view.context.as_of)]


def rule(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table."""
    return [f"| {' | '.join(clean(each) for each in header)} |", f"|{' --- |' * len(header)}",
            *(f"| {' | '.join(clean(each) for each in row)} |" for row in rows)]


def profiles(view: Profiles) -> list[str]:
    """Each record under its title, its sources at the end."""
    notes = values.Notes(view.context)
    lines: list[str] = []
    for profile in view.profiles:
        lines += [f"# {clean(values.heading(profile.record))}", ""]
        if profile.record.data.get("aliases"):
            lines += [f"Also called: {clean('; '.join(profile.record.data['aliases']))}", ""]
        for section, pieces in values.filled(profile, view.context):
            if letter := values.level_of(profile.record, section, pieces):
                lines += [f"**{clean(section.label)}:** {clean(letter)}", ""]
                continue
            lines += [f"## {clean(section.label)}", ""]
            lines += [f"- {clean(each.text)} {clean(notes.mark(each))}".rstrip() for each in pieces]
            lines.append("")
        for group in profile.groups:
            lines += [f"## {clean(values.group_label(group))}", ""]
            lines += [*(f"- {clean(values.named(each))}" for each in group.lines), ""]
    return [*lines, *sources(notes), *closing(view.context.as_of)]


def comparison(view: Comparison) -> list[str]:
    """A column a record; what all share is marked with an equals sign."""
    notes = values.Notes(view.context)
    rows = []
    for label, agreement, cells in values.compared(view):
        texts = ["<br>".join(f"{'= ' if shared else ''}{clean(piece.text)} {clean(notes.mark(piece))}".rstrip()
                             for piece, shared in cell) or values.NOT_FOUND for cell in cells]
        said = f" ({agreement})" if agreement else ""
        rows.append(f"| **{clean(label)}**{said} | {' | '.join(texts)} |")
    titles = " | ".join(clean(values.title_of(each)) for each in view.records)
    return [f"| | {titles} |", f"|{' --- |' * (len(view.records) + 1)}", *rows, "",
            "= stands in every record compared.", "", *sources(notes), *closing(view.context.as_of)]


def chart(view: Chart) -> list[str]:
    """A chart as a table, a row a mark."""
    notes = values.Notes(view.context)
    header, rows = values.charted(view)
    lines = [f"# {clean(view.title)}", ""]
    for each in (f"**{clean(view.warning)}**" if view.warning else "", *(clean(each) for each in view.notes)):
        lines += [each, ""] if each else []
    lines += [f"| {' | '.join(clean(each) for each in header)} |", f"|{' --- |' * len(header)}"]
    for row in rows:
        cells = ["<br>".join(f"{clean(each.text)} {clean(notes.mark(each))}".strip() for each in cell) for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", *sources(notes), *closing(view.context.as_of)]


def sources(notes: values.Notes) -> list[str]:
    """The sources by number, and the key to the levels."""
    found = [f"- \\[{number}\\] {reference(each)}" for number, each in notes.sources()]
    return ["## Sources", "", *found, "", clean(values.key_of_levels()), ""] if found else []


def reference(record: Record) -> str:
    """A source with its address as a link."""
    where = web(values.address(record))
    text = clean(values.full_citation(record, linked=False))
    return f"{text} <{clean_address(where)}>" if where else text


def clean_address(address: str) -> str:
    """An address that cannot end its own brackets."""
    return line(address).replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")


def closing(as_of: str) -> list[str]:
    """The line on medical advice."""
    return [f"*{values.disclaimer(as_of)}*"]
