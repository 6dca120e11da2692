"""`export`: a base whole."""

from __future__ import annotations

from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.queries.charting import CHARTS, chart
from mesoref.queries.comparing import MOST_COMPARED
from mesoref.queries.listing import list_
from mesoref.queries.showing import show
from mesoref.views import Chapter, Context, Edition, Handbook


def edition(kb: KnowledgeBase) -> Edition:
    """Every record of every kind."""
    records = {record.id: record for kind in KINDS.values() for record in kb.all(kind.name)}
    sources = {id: each for id, each in records.items() if each.kind.citable}
    context = Context(kb.as_of, kb.store.lines(records), sources)
    return Edition(context, kb.meta["version"], kb.meta["hash"], tuple(records.values()))


def handbook(kb: KnowledgeBase) -> Handbook:
    """A chapter for every kind that has records, and the charts that show anything."""
    tables = [table for kind in KINDS.values() if (table := list_(kb, kind.name)).records]
    chapters = tuple(Chapter(each, show(kb, [record.id for record in each.records]).profiles) for each in tables)
    charts = [chart(kb, name) for name in CHARTS]
    return Handbook(edition(kb), MOST_COMPARED, chapters, tuple(each for each in charts if each.points))
