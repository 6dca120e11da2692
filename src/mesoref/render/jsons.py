"""JSON: one versioned object, records typed and complete, written by `json` alone; and JSON Lines, a record a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TextIO, assert_never

from mesoref import __version__
from mesoref.model import KINDS
from mesoref.render.clean import json as clean
from mesoref.schema import Record, dump
from mesoref.views import (
    Bibliography,
    Branch,
    Chart,
    Comparison,
    Document,
    Edition,
    Hits,
    Problems,
    Profile,
    Profiles,
    Report,
    Table,
    Tree,
    View,
)

FORMAT = 1
CITABLE = next(each.name for each in KINDS.values() if each.citable)


def write_json(view: View, stream: TextIO) -> None:
    """One object, each record on a line of its own."""
    if isinstance(view, Document):
        stream.write(json.dumps(view.content, ensure_ascii=False, indent=2) + "\n")
        return
    head, records = envelope(view)
    _write(head, records, _references(view), stream)


def write_edition(view: Edition, stream: TextIO) -> None:
    """A whole base in the same object: every record says its kind, and the sources stand under `references`."""
    records = [{"kind": each.kind.name} | each.data for each in view.records if not each.kind.citable]
    head = {"format": FORMAT, "mesoref": view.version, "as_of": view.context.as_of or None, "hash": view.digest,
            "kind": None, "count": len(records)}
    _write(head, records, view.context.references, stream)


def _write(head: Mapping[str, Any], records: list[Any], references: Mapping[str, Any], stream: TextIO) -> None:
    parts = [f"{dump(key)}:{_text(value)}" for key, value in head.items()]
    parts.append('"records":' + _rows(records))
    if references:
        inner = ",\n".join(f"{dump(id)}:{_text(each)}" for id, each in references.items())
        parts.append(f'"references":{{\n{inner}\n}}')
    else:
        parts.append('"references":{}')
    stream.write("{" + ",\n".join(parts) + "}\n")


def write_jsonl(view: View, stream: TextIO) -> None:
    """One record a line."""
    stream.writelines(_text(each) + "\n" for each in envelope(view)[1])


def envelope(view: View) -> tuple[dict[str, Any], list[Any]]:
    """The head of the object, and the records of a view."""
    kind, records, more = _content(view)
    as_of = view.context.as_of if not isinstance(view, Report | Problems | Document) else view.as_of
    head = {"format": FORMAT, "mesoref": __version__, "as_of": as_of or None, "kind": kind, "count": len(records)}
    return head | more, records


def _content(view: View) -> tuple[str | None, list[Any], dict[str, Any]]:
    match view:
        case Table():
            return view.kind.name, list(view.records), {}
        case Hits():
            return "hit", [{"id": each.line.id, "kind": each.line.kind, "name": each.line.title,
                            "brief": each.line.brief, "local": each.local, "field": each.key,
                            "passage": each.piece.text, "marked": [text for text, marked in each.passage if marked],
                            "level": each.piece.level, "refs": list(each.piece.refs), "score": round(each.worth, 4)}
                           for each in view.hits], {
                "query": view.query, "missing": [{"word": word, "near": list(near)} for word, near in view.missing]}
        case Profiles():
            kinds = {each.record.kind.name for each in view.profiles}
            if view.lay:
                return (kinds.pop() if len(kinds) == 1 else None), _explained(view), {}
            records = [each.record.data | _named_by(each) for each in view.profiles]
            return (kinds.pop() if len(kinds) == 1 else None), records, {}
        case Comparison():
            rows = [{"field": each.key, "label": each.label, "same": each.same} for each in view.rows]
            return view.kind.name, list(view.records), {"rows": rows}
        case Tree():
            return view.root.line.kind, [_branch(view.root)], {}
        case Bibliography():
            return CITABLE, list(view.references), {}
        case Chart():
            return None, [each.data for each in view.points], {
                "chart": view.name, "title": view.title, "warning": view.warning, "notes": view.notes}
        case Report():
            return None, [{"section": label, "name": name, "value": value}
                          for label, facts in view.sections for name, value in facts], {"title": view.title}
        case Problems():
            return "problem", [each.asdict() for each in view.problems], {"checked": view.records}
        case Document():
            return None, [view.content], {}
        case _:
            assert_never(view)


def _named_by(profile: Profile) -> dict[str, Any]:
    """Ids of the records that name one, by kind; where they are only the first, also the commands that list all."""
    more = {group.kind.plural: group.more for group in profile.groups if group.more}
    return {"named_by": {group.kind.plural: [line.id for line in group.lines] for group in profile.groups}} | (
        {"named_by_more": more} if more else {})


def _explained(view: Profiles) -> list[Any]:
    """Records in plain words: their sections, each statement with its sources."""
    from mesoref import values

    return [{"id": each.record.id, "kind": each.record.kind.name, "name": each.record.title, "sections": [
        {"field": section.key, "label": section.label, "items": [
            {"text": piece.text, "refs": list(piece.refs), "level": piece.level, "seen": piece.seen,
             "against": list(piece.against)} for piece in cell]}
        for section, cell in values.filled(each, view.context)]} for each in view.profiles]


def _branch(branch: Branch) -> dict[str, Any]:
    return {"id": branch.line.id, "kind": branch.line.kind, "name": branch.line.title,
            "brief": branch.line.brief, "role": branch.role,
            "links": [{"link": "named by" if each.incoming else "names", "kind": each.kind.name, "field": each.field,
                       "count": each.count, "records": [_branch(below) for below in each.branches]}
                      for each in branch.bundles]}


def _references(view: View) -> Mapping[str, Record]:
    if isinstance(view, Report | Problems | Bibliography | Document):
        return {}
    return view.context.references


def _rows(rows: list[Any]) -> str:
    return "[\n" + ",\n".join(_text(each) for each in rows) + "\n]" if rows else "[]"


def _text(value: Any) -> str:
    return clean(value.text if isinstance(value, Record) else dump(value))
