"""Views as a header and rows of text: what every tabular format shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from mesoref import values
from mesoref.schema import Record
from mesoref.views import (
    Bibliography,
    Branch,
    Chart,
    Comparison,
    Document,
    Hits,
    Piece,
    Problems,
    Profiles,
    Report,
    Table,
    Tree,
    View,
)

Grid = tuple[tuple[str, ...], list[tuple[str, ...]]]


def grid(view: View) -> Grid:
    """The header and the rows of a view; sources are named by their ids."""
    match view:
        case Table():
            return view.columns, [tuple(values.text_of(values.short(each, key, view.context))
                                        for key in view.columns) for each in view.records]
        case Hits():
            return ("kind", "id", "name", "brief", "field", "passage", "level", "refs"), [
                (each.line.kind, each.line.id, each.line.title, each.line.brief, each.key, values.starred(each),
                 each.piece.level, " ".join(each.piece.refs)) for each in view.hits]
        case Profiles():
            return _profiles(view)
        case Comparison():
            return ("field", "same", *(each.id for each in view.records)), [
                (label, "yes" if row.same else "no", *(_cited(cell) for cell in cells))
                for row, (label, _, cells) in zip(view.rows, values.compared(view), strict=True)]
        case Tree():
            return ("depth", "parent", "link", "field", "kind", "id", "name", "role", "brief"), list(_tree(view.root))
        case Bibliography():
            return _records(view.references)
        case Chart():
            return tuple(view.points[0].data) if view.points else ("id",), [
                tuple(_flat(value) for value in each.data.values()) for each in view.points]
        case Report():
            return ("section", "name", "value"), [(label, *fact) for label, facts in view.sections for fact in facts]
        case Problems():
            return ("file", "line", "column", "rule", "message"), [
                (each.file, str(each.line), str(each.column), each.rule, each.message) for each in view.problems]
        case Document():
            raise TypeError("a document is no table")
        case _:
            assert_never(view)


def _profiles(view: Profiles) -> Grid:
    rows: list[tuple[str, ...]] = []
    for profile in view.profiles:
        for section, pieces in values.filled(profile, view.context):
            rows += [(profile.record.id, section.key, section.label, each.text, each.level, each.seen,
                      " ".join(each.refs), " ".join(each.against)) for each in pieces]
        for group in profile.groups:
            rows += [(profile.record.id, group.kind.plural, values.group_label(group), values.title_of(each), "", "",
                      each.id, "") for each in group.lines]
    return ("id", "field", "label", "text", "level", "seen", "refs", "against"), rows


def _cited(cell: tuple[tuple[Piece, bool], ...]) -> str:
    texts = [f"{piece.text} [{' '.join((*piece.refs, piece.level))}]" if piece.refs else piece.text
             for piece, _ in cell]
    return "; ".join(texts) or values.NOT_FOUND


def _tree(branch: Branch, depth: int = 0, place: tuple[str, str, str] = ("", "", "")) -> Iterator[tuple[str, ...]]:
    line = branch.line
    yield str(depth), *place, line.kind, line.id, line.title, branch.role, line.brief
    for bundle in branch.bundles:
        below = line.id, "named by" if bundle.incoming else "names", bundle.field
        for each in bundle.branches:
            yield from _tree(each, depth + 1, below)
        if not bundle.branches:
            yield str(depth + 1), *below, bundle.kind.name, "", values.counted(bundle), "", ""


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _records(records: tuple[Record, ...]) -> Grid:
    if not records:
        return ("id",), []
    keys = tuple(records[0].fields)
    return keys, [tuple("; ".join(str(value) for value in field.items(each.data))
                        for field in each.fields.values()) for each in records]
