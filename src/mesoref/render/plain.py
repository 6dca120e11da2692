"""Plain text: no boxes, no colour, one fact a line; for screen readers, grep and pipes."""

from __future__ import annotations

import json
from typing import TextIO, assert_never

from mesoref import values
from mesoref.render.clean import line
from mesoref.schema import Record
from mesoref.views import (
    Bibliography,
    Branch,
    Chart,
    Comparison,
    Document,
    Hits,
    Problems,
    Profile,
    Profiles,
    Report,
    Table,
    Tree,
    View,
)


def write_plain(view: View, stream: TextIO) -> None:
    """Write a view as plain text, on a terminal fitted to its width."""
    lines = [line(each) for each in lines_of(view)]
    if stream.isatty() and not isinstance(view, Document):
        from mesoref.render.breaks import NO_BREAK, fitted

        lines = [each.replace(NO_BREAK, " ") for each in fitted(lines)]
    stream.write("\n".join(lines) + "\n")


def lines_of(view: View) -> list[str]:
    """A view as lines of text."""
    match view:
        case Table():
            return table(view)
        case Hits():
            return hits(view)
        case Profiles():
            return profiles(view)
        case Comparison():
            return comparison(view)
        case Tree():
            return [*tree(view.root, ""), "", values.disclaimer(view.context.as_of)]
        case Bibliography():
            return [f"{number}. {values.vancouver(each)}" for number, each in enumerate(view.references, 1)]
        case Chart():
            return chart(view)
        case Report():
            return report(view)
        case Problems():
            return problems(view)
        case Document():
            return json.dumps(view.content, ensure_ascii=False, indent=2).split("\n")
        case _:
            assert_never(view)


def table(view: Table) -> list[str]:
    """One record a block, one field a line."""
    lines = []
    for record in view.records:
        for key in view.columns:
            text = values.text_of(values.short(record, key, view.context))
            lines.append(f"{record.fields[key].label}: {text or values.NOT_FOUND}")
        lines.append("")
    key = values.key_of_column(view)
    return [*lines, *([key] if key else []), values.disclaimer(view.context.as_of)]


def hits(view: Hits) -> list[str]:
    """A hit a line, under it the text that answers, with stars around what matched."""
    notes = values.Ids(view.context)
    lines = [f"{each}." if each[-1] != "?" else each for each in values.missing(view)]
    for each in view.hits:
        lines += [values.found(each), f"  {each.label}: {values.starred(each)} {notes.mark(each.piece)}".rstrip()]
    return [*lines, "", values.disclaimer(view.context.as_of)]


def profiles(view: Profiles) -> list[str]:
    """Each record under its title, its sources at the end."""
    notes = values.Notes(view.context)
    lines: list[str] = []
    for profile in view.profiles:
        lines += [*_profile(profile, view, notes), ""]
    return [*lines, *_sources(notes), values.disclaimer(view.context.as_of)]


def _profile(profile: Profile, view: Profiles, notes: values.Notes) -> list[str]:
    record = profile.record
    lines = [values.heading(record)]
    if record.data.get("aliases"):
        lines.append(f"Also called: {'; '.join(record.data['aliases'])}")
    for section, pieces in values.filled(profile, view.context):
        if letter := values.level_of(record, section, pieces):
            lines += ["", f"{section.label}: {letter}"]
            continue
        lines += ["", f"{section.label}:"]
        lines += [f"  {each.text} {notes.mark(each)}".rstrip() for each in pieces]
    for group in profile.groups:
        lines += ["", f"{values.group_label(group)}:"]
        lines += [f"  {values.named(each)}" for each in group.lines]
    return lines


def comparison(view: Comparison) -> list[str]:
    """One field a block, one record a paragraph; what all share is marked with an equals sign."""
    notes = values.Notes(view.context)
    lines = [values.compared_title(view)]
    for label, agreement, cells in values.compared(view):
        lines += ["", f"{label}{f' ({agreement})' if agreement else ''}:"]
        for record, cell in zip(view.records, cells, strict=True):
            lines.append(f"  {values.title_of(record)}:")
            lines += [f"    {'= ' if shared else ''}{piece.text} {notes.mark(piece)}".rstrip()
                      for piece, shared in cell] or [f"    {values.NOT_FOUND}"]
    return [*lines, "", "= stands in every record compared.", "", *_sources(notes),
            values.disclaimer(view.context.as_of)]


def _sources(notes: values.Notes) -> list[str]:
    sources = [source(number, each) for number, each in notes.sources()]
    return ["Sources:", *(f"  {each}" for each in sources), "", values.key_of_levels(), ""] if sources else []


def source(number: int, reference: Record) -> str:
    """A numbered source with its level, its address and how it was read."""
    return f"[{number}] {values.full_citation(reference)}"


def tree(branch: Branch, indent: str) -> list[str]:
    """A tree as an indented outline."""
    lines = [f"{indent}{values.branch_label(branch)}"]
    for bundle in branch.bundles:
        lines.append(f"{indent}  {values.bundle_label(bundle)}")
        for each in bundle.branches:
            lines += tree(each, f"{indent}    ")
    return lines


def chart(view: Chart) -> list[str]:
    """A chart as one line a mark."""
    notes = values.Notes(view.context)
    lines = [view.title, *([f"Warning: {view.warning}"] if view.warning else []), *view.notes, ""]
    for point in view.points:
        parts = [*(each for each in (point.group, point.row, point.detail) if each),
                 *("; ".join(f"{each.text} {notes.mark(each)}".rstrip() for each in cell)
                   for cell in (point.label, point.said) if cell)]
        lines.append(": ".join(parts))
    return [*lines, "", *_sources(notes), values.disclaimer(view.context.as_of)]


def report(view: Report) -> list[str]:
    """Headings with one fact a line."""
    lines = [view.title]
    for label, facts in view.sections:
        lines += ["", f"{label}:", *(f"  {name}: {value}" if value else f"  {name}" for name, value in facts)]
    return lines


def problems(view: Problems) -> list[str]:
    """One problem a line, where an editor can jump to it."""
    count = len(view.problems)
    if not count:
        return [f"no problems in {view.records} records"]
    return [*(str(each) for each in view.problems), f"{count} problem{'s' * (count != 1)}"]
