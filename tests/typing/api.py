"""The public names as a type checker sees them; checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import mesoref
from mesoref import KnowledgeBase
from mesoref.errors import BaseError, MesorefError, NotFoundError, Problem, UsageError
from mesoref.model import Therapy
from mesoref.schema import Kind, Record
from mesoref.views import Bibliography, Chart, Comparison, Hits, Problems, Profiles, Report, Table, Tree

assert_type(mesoref.__version__, str)
kb = assert_type(mesoref.open(), KnowledgeBase)
mesoref.open("base.yaml", ["mine.yaml", Path("more")])
mesoref.open(Path("base"), extra=(Path("mine.yaml"),))
mesoref.open(3)  # type: ignore[arg-type]

assert_type(kb.as_of, str)
record = assert_type(kb.find("car-t"), Record)
assert_type(record.id, str)
assert_type(record.title, str)
assert_type(record.kind, Kind)
assert_type(kb.all("trials"), list[Record])
assert_type(kb.get(["car-t"]), dict[str, Record])
if isinstance(record, Therapy):
    assert_type(record.stage.value, str)
    assert_type(record.risks[0].refs, tuple[str, ...])
    record.name = "other"  # type: ignore[misc]

assert_type(kb.search("fever"), Hits)
assert_type(kb.search("fever", kind="risk", limit=3), Hits)
assert_type(kb.show("car-t", "tp53"), Profiles)
assert_type(kb.explain("car-t"), Profiles)
assert_type(kb.compare("car-t", "virotherapy", fields=["stage"], diff=True, full=True), Comparison)
assert_type(kb.links("car-t", depth=2, sources=True), Tree)
assert_type(kb.cite(), Bibliography)
assert_type(kb.list(), Table)
assert_type(kb.list("trials", where=("phase=1",), sort="-start", columns=["id"]), Table)
assert_type(kb.chart("pipeline"), Chart)
assert_type(kb.export(Path("book.html")), Report)
assert_type(mesoref.as_text(kb.list(), "csv"), str)
assert_type(mesoref.check(), Problems)
assert_type(mesoref.check("base.yaml", ["mine.yaml"], stale=365), Problems)
kb.links(depth=1)  # type: ignore[call-arg]

with mesoref.open() as opened:
    assert_type(opened, KnowledgeBase)

try:
    kb.find("nothing")
except (NotFoundError, UsageError) as error:
    wrong: MesorefError = error
except BaseError as error:
    assert_type(error.problems, tuple[Problem, ...])
