"""`compare`: records of one kind side by side."""

from __future__ import annotations

from collections.abc import Sequence

from mesoref import values
from mesoref.errors import UsageError
from mesoref.kb import KnowledgeBase
from mesoref.queries.common import context_of, field_of
from mesoref.views import Comparison, Row

MOST_COMPARED = 5


def compare(kb: KnowledgeBase, names: Sequence[str], *, fields: Sequence[str] = (), diff: bool = False,
            full: bool = False) -> Comparison:
    """Two to five records of one kind side by side; with `diff`, only the rows in which they differ.

    What they link to stands there by its name; whole with `full`, or where `fields` are asked for.
    """
    if not 2 <= len(names) <= MOST_COMPARED:
        raise UsageError(f"compare takes 2 to {MOST_COMPARED} records, not {len(names)}")
    records = [kb.find(each) for each in names]
    kinds = {each.kind.name for each in records}
    if len(kinds) > 1:
        listed = ", ".join(f"{each.id} is a {each.kind.name}" for each in records)
        raise UsageError(f"only records of one kind can be compared: {listed}")
    if len({each.id for each in records}) < len(records):
        raise UsageError("a record cannot be compared with itself")
    kind = records[0].kind
    keys = [field_of(kind, each).key for each in fields] or [
        key for key, field in kind.fields.items() if field.compared and any(field.items(each.data) for each in records)]
    whole = full or bool(fields)
    context = context_of(kb, records)
    rows = tuple(Row(key, kind.fields[key].label,
                     values.agree([values.cell(each, key, context) for each in records], full=whole)) for key in keys)
    return Comparison(context, kind, tuple(records),
                      tuple(each for each in rows if not (diff and each.same)), whole)
