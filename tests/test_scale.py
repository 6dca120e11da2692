"""What a question costs does not grow with the base: how much of it is read is counted, never timed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from conftest import Run
from mesoref import session, store
from mesoref.cache import compile_base
from mesoref.checks import check
from mesoref.kb import KnowledgeBase, open_base
from mesoref.model import KINDS
from mesoref.queries.comparing import compare
from mesoref.queries.listing import list_
from mesoref.queries.searching import search
from mesoref.queries.showing import MOST_NAMED, show
from mesoref.store import Store

SMALL, LARGE, MOST = 2 * MOST_NAMED, 20 * MOST_NAMED, 50
TOLD = 1_100
SLACK = 1.3
"""How much more may be read where ten times as much is there: trees of pages grow by a level, no more."""
QUESTIONS: dict[str, Callable[[KnowledgeBase], object]] = {
    "find": lambda kb: kb.find("Gene 7"),
    "suggest": lambda kb: kb.suggest("Gane 7"),
    "show": lambda kb: show(kb, ["gene-7"]),
    "show a hub": lambda kb: show(kb, ["hub"]),
    "compare": lambda kb: compare(kb, ["gene-7", "gene-8"]),
    "search": lambda kb: search(kb, "nadir of 7"),
    "search a common word": lambda kb: search(kb, "glow"),
    "list --where": lambda kb: list_(kb, "genes", ["symbol=G7"]),
    "list --where a link": lambda kb: list_(kb, "terms", ["gene=gene-7"]),
    "completion of an id": lambda kb: kb.store.ids_beginning("gene-", limit=MOST),
    "completion of an id of a kind": lambda kb: kb.store.ids_beginning("term-", "term", limit=MOST),
    "completion of a value": lambda kb: kb.store.facet_values("gene", "symbol", "g", limit=MOST),
}


def made(folder: Path, size: int) -> Path:
    """A base of genes that a term each names, half and half, all of them named by one reference and naming one gene."""
    half = range(size // 2)
    statement = "[{{text: They glow at a nadir of {}., refs: [able-2020]}}]"
    genes = "".join(f"  gene-{n}: {{name: Gene {n}, symbol: G{n}, roles: [reporter], refs: [able-2020], "
                    f"statements: {statement.format(n)}}}\n" for n in half)
    terms = "".join(f"  term-{n}: {{name: Term {n}, definition: {statement.format(n)}, see: [gene-{n}, hub]}}\n"
                    for n in half)
    file = folder / f"{size}.yaml"
    file.write_text("schema: 1\nas_of: 2026-01-01\nreferences:\n"
                    "  able-2020: {type: trial, title: Glow, access: abstract, pmid: '1'}\n"
                    f"genes:\n  hub: {{name: Hub, symbol: HUB, roles: [reporter], refs: [able-2020]}}\n{genes}"
                    f"terms:\n{terms}", encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def _low_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that the small base already reaches."""
    monkeypatch.setattr(store, "MOST_SCORED", MOST)
    monkeypatch.setattr(store, "MOST_READ", MOST)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[int, KnowledgeBase]:
    folder = tmp_path_factory.mktemp("bases")
    opened = {size: open_base(made(folder, size)) for size in (SMALL, LARGE)}
    for each in opened.values():
        assert search(each, "glow").hits, "the index is there"
    return opened


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("hub"), 2 * MOST_NAMED + 2)


def steps(kb: KnowledgeBase, ask: Callable[[KnowledgeBase], object]) -> int:
    """How many instructions SQLite carries out for a question."""
    done = count()
    kb.store.connection.set_progress_handler(lambda: next(done) < 0, 1)
    ask(kb)
    kb.store.connection.set_progress_handler(None, 0)
    return next(done)


def asked(kb: KnowledgeBase, ask: Callable[[KnowledgeBase], object]) -> Iterator[str]:
    """How SQLite plans to answer each query of a question."""
    queries: list[str] = []
    kb.store.connection.set_trace_callback(queries.append)
    ask(kb)
    kb.store.connection.set_trace_callback(None)
    for query in queries:
        if query.startswith("SELECT"):
            yield from (row[3] for row in kb.store.connection.execute(f"EXPLAIN QUERY PLAN {query}"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_ten_times_the_records_are_no_more_to_read(bases: dict[int, KnowledgeBase], question: str) -> None:
    small, large = (steps(bases[size], QUESTIONS[question]) for size in (SMALL, LARGE))

    assert 0 < small
    assert large <= small * SLACK


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_query_finds_its_rows_by_an_index(bases: dict[int, KnowledgeBase], question: str) -> None:
    plan = list(asked(bases[LARGE], QUESTIONS[question]))

    assert plan
    assert [] == [each for each in plan if re.match(r"SCAN (records|links|facets|vocabulary)\b", each)]


def test_a_list_reads_as_much_as_it_prints(bases: dict[int, KnowledgeBase]) -> None:
    few = steps(bases[LARGE], lambda kb: list_(kb, "terms", ["gene=gene-7"]))
    many = steps(bases[LARGE], lambda kb: list_(kb, "terms", ["gene=hub"]))

    assert few * 100 < many < few * LARGE


def test_of_very_many_records_that_name_one_the_first_are_shown_and_how_to_list_all(run: Run, hub: Path) -> None:
    shown = run("show", "hub", "--data", hub).out
    listed = run("list", "terms", "--where", "gene=hub", "--data", hub).out

    assert f"Named by more than {MOST_NAMED} terms; for all: mesoref list terms --where gene=hub" in shown
    assert MOST_NAMED == shown.count("  Term ")
    assert MOST_NAMED + 2 == len(listed.splitlines())


def test_json_says_where_it_names_only_the_first(run: Run, hub: Path) -> None:
    hub_, gene = json.loads(run("show", "hub", "gene-7", "--data", hub, "-f", "json").out)["records"]

    assert {"terms": "mesoref list terms --where gene=hub"} == hub_["named_by_more"]
    assert MOST_NAMED == len(hub_["named_by"]["terms"])
    assert "named_by_more" not in gene


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("terminal", "patience"), [(True, 0.0), (False, 0.0), (True, 60.0), (False, 60.0)])
@pytest.mark.parametrize("command", ["info", "search", "check"])
def test_what_takes_its_time_is_told_and_leaves_nothing_on_a_terminal(
        bases: dict[int, KnowledgeBase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str,
        terminal: bool, patience: float) -> None:
    told = _Screen() if terminal else io.StringIO()
    monkeypatch.setattr(session, "PATIENCE", patience)
    paths = [(made(tmp_path, TOLD), False)]
    with session.Progress("compiling") as progress, contextlib.redirect_stderr(told):
        if command == "check":
            check(paths, progress=progress)
            progress.clear()
        elif command == "info":
            compile_base(paths, "", progress)
        else:
            search(KnowledgeBase(Store(compile_base(paths, ""), progress=progress)), "glow")
        lines = told.getvalue().split("\r")

    assert bool(told.getvalue()) == (patience == 0)
    if terminal and not patience:
        assert f"records {'written' if command == 'search' else 'read'}" in lines[1]
        assert "" == lines[-1]
        assert {" "} == set(lines[-2])
        assert len(lines[-2]) >= max(len(each) for each in lines)
    elif not patience:
        assert "mesoref: compiling\n" == told.getvalue()


def test_completion_leaves_rich_out(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("schema: 1\nterms:\n  glow: {name: Glow of a gene}\n")
    environment = os.environ | {"_MESOREF_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "mesoref show gl",
                                "MESOREF_DATA": str(base)}
    done = subprocess.run([sys.executable, "-X", "importtime", "-m", "mesoref"], env=environment, capture_output=True,
                          text=True, check=True)

    assert "Glow of a gene" in done.stdout
    assert [] == re.findall(r"\| +rich\b", done.stderr)


def test_the_kinds_lie_together_in_the_order_of_the_model(kb: KnowledgeBase) -> None:
    rows = kb.store.connection.execute("SELECT kind, min(number), max(number), count(*) FROM records GROUP BY kind "
                                       "ORDER BY min(number)").fetchall()

    assert [each for each in KINDS if each in {row[0] for row in rows}] == [row[0] for row in rows]
    assert all(last - first + 1 == many for _, first, last, many in rows)
