"""The Python API: what it answers, that it prints nothing, and that its documentation is true."""

from __future__ import annotations

import doctest
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

import mesoref
from conftest import TINY, Run
from mesoref.cli import COMMANDS
from mesoref.errors import BaseError, MesorefError, NotFoundError, UsageError
from mesoref.model import KINDS
from mesoref.store import fulltext

ROOT = Path(__file__).parents[1]


def test_the_examples_of_the_documentation_run() -> None:
    result = doctest.testfile(str(ROOT / "docs" / "api.md"), module_relative=False)

    assert result.attempted > 20
    assert 0 == result.failed


NO_QUESTIONS = {
    "schema": "the same for every base, and for editors",
    "info": "of the program: its paths and exit codes; the version and the date of a base have names of their own",
}
ASKED: dict[str, Callable[[mesoref.KnowledgeBase], object]] = {
    "list": lambda kb: kb.list(),
    "list genes --where roles=reporter --sort -symbol --columns id,symbol": lambda kb: kb.list(
        "genes", where=["roles=reporter"], sort="-symbol", columns=["id", "symbol"]),
    "show gene-glow GFP": lambda kb: kb.show("gene-glow", "GFP"),
    "explain gene-glow": lambda kb: kb.explain("gene-glow"),
    "compare gene-glow gene-hum": lambda kb: kb.compare("gene-glow", "gene-hum"),
    "compare gene-glow gene-hum --diff --full": lambda kb: kb.compare("gene-glow", "gene-hum", diff=True, full=True),
    "compare gene-glow gene-hum --field stage": lambda kb: kb.compare("gene-glow", "gene-hum", fields=["stage"]),
    "search glow --kind therapy --limit 1": lambda kb: kb.search("glow", kind="therapy", limit=1),
    "cite": lambda kb: kb.cite(),
    "cite gfp": lambda kb: kb.cite("gfp"),
    "links gfp --depth 2 --sources": lambda kb: kb.links("gfp", depth=2, sources=True),
    "chart timeline": lambda kb: kb.chart("timeline"),
    "chart survival": lambda kb: kb.chart("survival"),
    "check --stale 1": lambda kb: mesoref.check(TINY, stale=1),
}


def test_every_command_can_be_asked_and_is_documented() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    owners = (("kb", mesoref.KnowledgeBase), ("mesoref", mesoref))
    found = {name: f"{owner}.{name}(" in page for name in COMMANDS
             for owner, holding in owners if callable(getattr(holding, name, None))}

    assert set(COMMANDS) - NO_QUESTIONS.keys() == found.keys()
    assert [] == [name for name, told in found.items() if not told]


def test_what_a_base_offers_is_documented() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    own = [name for name in vars(mesoref.KnowledgeBase) if not name.startswith("_")]

    assert [] == [name for name in (*own, "find", "all", "get", "close", "as_of") if f"kb.{name}" not in page]


@pytest.mark.parametrize("format", ["json", "plain", "markdown", "html"])
@pytest.mark.parametrize("command", ASKED)
def test_the_methods_answer_as_the_commands_do(run: Run, command: str, format: str) -> None:
    with mesoref.open(TINY) as kb:
        view: Any = ASKED[command](kb)
    args = command.replace("check", f"check {TINY}").split()

    assert run(*args, "--data", TINY, "-f", format).out == mesoref.as_text(view, format)


def test_every_command_with_an_answer_is_compared_with_its_method() -> None:
    assert set(COMMANDS) - NO_QUESTIONS.keys() - {"export"} == {each.split()[0] for each in ASKED}


@pytest.mark.parametrize("name", ["book.html", "base.json", "base.sqlite", "base.csv", "base/"])
def test_a_base_is_exported_as_by_the_command(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with mesoref.open(TINY) as kb:
        said = kb.export(f"{tmp_path / 'a'}{os.sep}{name}" if name.endswith("/") else tmp_path / "a" / name)
    run("export", f"{tmp_path / 'b'}{os.sep}{name}", "--data", TINY)

    assert said.title.endswith("is written")
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != {}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_view_is_text_in_every_format_that_has_words_for_it() -> None:
    with mesoref.open(TINY) as kb:
        table, sources = kb.list("genes", columns=["id"]), kb.cite("able-2020")

    assert "id\ngfp\n" == mesoref.as_text(table, "tsv")
    assert mesoref.as_text(table) == mesoref.as_text(table, "text") == mesoref.as_text(table, "plain")
    assert mesoref.as_text(sources, "bibtex").startswith("@")
    assert "\x1b" not in mesoref.as_text(table, "table")
    with pytest.raises(UsageError, match="cannot be written as bibtex"):
        mesoref.as_text(table, "bibtex")
    with pytest.raises(UsageError, match="no format 'pdf'"):
        mesoref.as_text(table, "pdf")
    with pytest.raises(TypeError, match="what is written is a view, not 'x'"):
        mesoref.as_text("x")  # type: ignore[arg-type]


def test_checking_tells_every_mistake_and_raises_none(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: 1\ngenes:\n  gfp:\n    name: X\n", encoding="utf-8")
    found = mesoref.check(str(bad))

    assert {(str(bad), "missing-field")} == {(each.file, each.rule) for each in found.problems}
    assert () == mesoref.check(TINY).problems
    assert mesoref.check(TINY, extra=[bad]).problems
    assert ["unreadable"] == [each.rule for each in mesoref.check(tmp_path / "nowhere").problems]


WRONG: dict[str, tuple[Callable[[Any], object], type[Exception], str]] = {
    "one id": (lambda kb: kb.get("gfp"), TypeError, "ids is a list, not one text: ['gfp']"),
    "one condition": (lambda kb: kb.list(where="id=gfp"), TypeError, "where is a list, not one text: ['id=gfp']"),
    "one column": (lambda kb: kb.list(columns="id"), TypeError, "columns is a list, not one text: ['id']"),
    "one field": (lambda kb: kb.compare("gene-glow", "gene-hum", fields="stage"), TypeError, "fields is a list"),
    "one path": (lambda kb: mesoref.open(TINY, "x"), TypeError, "extra is a list, not one text: ['x']"),
    "one path to check": (lambda kb: mesoref.check(TINY, "x"), TypeError, "extra is a list, not one text"),
    "many names": (lambda kb: kb.show(["gfp"]), TypeError, "show takes names one by one, not ['gfp']"),
    "many names to cite": (lambda kb: kb.cite(["gfp"]), TypeError, "cite takes names one by one, not ['gfp']"),
    "many words": (lambda kb: kb.search(["glow"]), TypeError, "words is one text, not ['glow']"),
    "no name": (lambda kb: kb.show(), UsageError, "show takes a record, or several"),
    "no name to explain": (lambda kb: kb.explain(), UsageError, "explain takes a record, or several"),
    "one name to compare": (lambda kb: kb.compare("gfp"), UsageError, "compare takes 2 to 5 records, not 1"),
    "no limit": (lambda kb: kb.search("glow", limit=-1), UsageError, "limit is 1 or more, not -1"),
    "no depth": (lambda kb: kb.links("gfp", depth=0), UsageError, "depth is 1 or more, not 0"),
    "no chart": (lambda kb: kb.chart("pie"), UsageError, "no chart 'pie'"),
    "no ending": (lambda kb: kb.export("base.doc"), UsageError, "no export for the suffix '.doc'"),
    "no age": (lambda kb: mesoref.check(TINY, stale=-1), UsageError, "stale is a number of days, not -1"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_meant_is_refused(wrong: str) -> None:
    ask, error, message = WRONG[wrong]
    with mesoref.open(TINY) as kb, pytest.raises(error, match=f"^{re.escape(message)}"):
        ask(kb)


def test_paths_may_be_texts_and_more_records_are_laid_over(tmp_path: Path) -> None:
    more = tmp_path / "mine.yaml"
    more.write_text("schema: 1\ngenes:\n  mine:\n    name: My gene\n    symbol: MINE\n    roles: [reporter]\n"
                    "    refs: [able-2020]\n", encoding="utf-8")
    with mesoref.open(str(TINY), extra=[str(more)]) as kb:
        assert ["gfp", "mine"] == [each.id for each in kb.all("gene")]
        assert kb.find("MINE").local


@pytest.mark.parametrize("cached", [True, False])
def test_threads_that_ask_at_once_get_the_answers_that_one_alone_gets(monkeypatch: pytest.MonkeyPatch,
                                                                      cached: bool) -> None:
    if not cached:
        monkeypatch.setenv("MESOREF_CACHE_DIR", "/dev/null/nowhere")
    with mesoref.open(TINY) as kb:
        verbs: tuple[Callable[[str], object], ...] = (kb.find, kb.show, kb.explain, kb.links, kb.search)
        asked = [(verb, record.id) for kind in KINDS for record in kb.all(kind) for verb in verbs] * 4
        alone = [verb(id) for verb, id in asked]
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(lambda each: each[0](each[1]), asked))

    assert alone == together


def test_threads_that_search_first_at_once_make_one_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MESOREF_CACHE_DIR", str(tmp_path))
    made = Mock(wraps=fulltext.with_full_text)
    monkeypatch.setattr(fulltext, "with_full_text", made)
    with mesoref.open(TINY) as kb, ThreadPoolExecutor(8) as threads:
        hits = list(threads.map(kb.search, ["glow"] * 8))

    assert 1 == made.call_count
    assert hits[0].hits
    assert [hits[0]] * 8 == hits


def test_a_base_may_be_closed_by_another_thread() -> None:
    kb = mesoref.open(TINY)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(kb.close).result()

    with pytest.raises(BaseError, match="closed"):
        kb.find("gfp")


def test_a_base_that_cannot_be_read_while_it_is_asked_is_an_error_with_its_cause() -> None:
    with mesoref.open(TINY) as kb:
        kb.store.connection.set_progress_handler(lambda: 1, 1)
        with pytest.raises(BaseError, match=r"the compiled base cannot be read \(interrupted\)"):
            kb.all("genes")


def test_a_closed_base_answers_no_more() -> None:
    with mesoref.open(TINY) as kb:
        pass

    for ask in (lambda: kb.find("gfp"), lambda: kb.all("genes"), lambda: kb.get(["gfp"]), lambda: kb.search("glow")):
        with pytest.raises(BaseError, match="the base is closed; open it again"):
            ask()


def test_errors_tell_what_went_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: 1\ngenes:\n  x:\n    name: X\n", encoding="utf-8")

    with pytest.raises(BaseError) as broken:
        mesoref.open(bad)
    with mesoref.open(TINY) as kb:
        with pytest.raises(NotFoundError, match="no record named"):
            kb.find("nothing at all")
        with pytest.raises(UsageError, match="no kind named"):
            kb.all("genies")

    first, *others = broken.value.problems
    assert {str(bad)} == {each.file for each in (first, *others)}
    assert f"{len(others) + 1} problems: {first}; and {len(others)} more in `problems`" in str(broken.value)
    assert all(issubclass(each, MesorefError) for each in (BaseError, NotFoundError, UsageError))


def test_an_error_with_one_problem_names_it_and_no_more(tmp_path: Path) -> None:
    with pytest.raises(BaseError, match=r"1 problem: .*nowhere.*no such file or directory \[unreadable\]$") as missing:
        mesoref.open(tmp_path / "nowhere")

    assert str(missing.value) == str(pickle.loads(pickle.dumps(missing.value)))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with mesoref.open() as kb:
        kb.explain("car-t")
        kb.links("car-t", depth=2)
        kb.cite()
        kb.search("fever")
        mesoref.as_text(kb.list(), "table")
        kb.export(tmp_path / "base.json")
        mesoref.check(TINY)

    assert ("", "") == capfd.readouterr()


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mesoref.nothing  # noqa: B018 - the question is whether it is there


def test_importing_loads_nothing_of_the_package() -> None:
    code = ("import mesoref, sys; "
            "print([each for each in sys.modules if each.startswith('mesoref.')], mesoref.__version__)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert f"[] {mesoref.__version__}\n" == done.stdout


def test_the_public_names_are_those_that_are_promised() -> None:
    assert ["KnowledgeBase", "__version__", "as_text", "check", "open"] == sorted(mesoref.__all__)
    assert all(hasattr(mesoref, each) for each in mesoref.__all__)
