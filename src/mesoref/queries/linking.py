"""`links`: what a record names and what names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.schema import Kind
from mesoref.store import Line, LinkRow
from mesoref.views import Branch, Bundle, Context, Tree

Place = tuple[bool, str, str]
Bundles = dict[Place, dict[str, list[str]]]
"""Whether a record is named (or names), the kind at the other end and the field, with the ids there and their roles."""


def links(kb: KnowledgeBase, name: str, *, depth: int = 1, sources: bool = False) -> Tree:
    """The records around one, `depth` steps far; its sources are only counted unless they are asked for.

    No record is opened twice: one that is met again stands there without what hangs on it.
    """
    root = kb.resolve(name)
    around: dict[str, Bundles] = {}
    met_at = {root.id: ""}
    lines = {root.id: root}
    level = [root.id]
    for _ in range(depth):
        found, met = _around(kb, level)
        around |= found
        lines |= met
        level = []
        for id, bundles in found.items():
            new = [each for place, records in bundles.items() if sources or not _counted(place)
                   for each in records if each not in met_at]
            level += dict.fromkeys(new)
            met_at |= dict.fromkeys(new, id)
        if not level:
            break
    return Tree(Context(kb.as_of, lines, {}), _Grower(around, met_at, lines, sources).branch(root.id, (), ""))


def _around(kb: KnowledgeBase, ids: Iterable[str]) -> tuple[dict[str, Bundles], Mapping[str, Line]]:
    """What hangs on each of some records, and the lines of all that hangs there."""
    naming, named = kb.store.named_by(ids), kb.store.naming(ids)
    lines = kb.store.lines([*ids, *(row.target for row in naming), *(row.source for row, _ in named)])
    found: dict[str, Bundles] = {id: defaultdict(lambda: defaultdict(list)) for id in ids}
    for row, incoming in [*((row, False) for row in naming), *((row, True) for row, _ in named)]:
        own, other = (row.target, row.source) if incoming else (row.source, row.target)
        namer, target = KINDS[lines[row.source].kind], KINDS[lines[row.target].kind]
        place = incoming, lines[other].kind, "" if target.citable else row.field
        roles = found[own][place][other]
        if (role := _role(row, namer, target)) and role not in roles:
            roles.append(role)
    return found, lines


def _role(row: LinkRow, namer: Kind, target: Kind) -> str:
    """What the record named does in the one that names it; of a source, where it is cited."""
    field = namer.fields[row.field]
    if target.citable:
        return field.label
    choice = field.shape.structs[0].fields["role"].shape.choice if row.role else None
    return str(choice.labels[row.role]) if choice else ""


def _counted(place: Place) -> bool:
    """Whether these are the sources of a record, which are many."""
    incoming, kind, field = place
    return not incoming and not field and KINDS[kind].citable


class _Grower:
    """Makes branches of what was found, each record opened where it was met first."""

    def __init__(self, around: Mapping[str, Bundles], met_at: Mapping[str, str], lines: Mapping[str, Line],
                 sources: bool) -> None:
        self.around, self.met_at, self.lines, self.sources = around, met_at, lines, sources
        self.opened: set[str] = set()

    def branch(self, id: str, roles: Iterable[str], parent: str) -> Branch:
        """A record, with all that hangs on it if this is the place to open it."""
        line = self.lines[id]
        bundles: Bundles = {}
        if id not in self.opened and self.met_at.get(id) == parent:
            self.opened.add(id)
            bundles = self.around.get(id, {})
        ordered = sorted(bundles, key=lambda place: _order(place, KINDS[line.kind]))
        return Branch(line, ", ".join(roles), tuple(self._bundle(each, bundles[each], line) for each in ordered))

    def _bundle(self, place: Place, records: Mapping[str, Iterable[str]], line: Line) -> Bundle:
        incoming, kind, field = place
        namer = KINDS[kind if incoming else line.kind]
        shown = records if self.sources or not _counted(place) else {}
        return Bundle(incoming, KINDS[kind], field, namer.fields[field].label if field else "", len(records),
                      tuple(self.branch(id, roles, line.id) for id, roles in shown.items()))


def _order(place: Place, own: Kind) -> tuple[bool, bool, int, int]:
    """What a record names comes first, by its own fields, its sources last; then what names it, by kind and field."""
    incoming, kind, field = place
    kinds = list(KINDS).index(kind)
    fields = [*(KINDS[kind] if incoming else own).fields, ""].index(field)
    return (incoming, not field, kinds, fields) if incoming else (incoming, not field, fields, kinds)
