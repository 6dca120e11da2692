"""The Python API: what it answers, that it prints nothing, and that its documentation is true."""

from __future__ import annotations

import doctest
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import mesoref
from conftest import TINY
from mesoref.errors import BaseError, MesorefError, NotFoundError, UsageError
from mesoref.model import KINDS
from mesoref.queries.comparing import compare
from mesoref.queries.linking import links

ROOT = Path(__file__).parents[1]


def test_the_examples_of_the_documentation_run() -> None:
    result = doctest.testfile(str(ROOT / "docs" / "api.md"), module_relative=False)

    assert result.attempted > 20
    assert 0 == result.failed


def test_every_public_method_is_documented() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    own = [name for name in vars(mesoref.KnowledgeBase) if not name.startswith("_")]

    assert {"search", "compare", "links", "show", "explain", "cite"} == set(own)
    assert [] == [name for name in (*own, "find", "all", "get", "close", "as_of") if f"kb.{name}" not in page]


def test_the_methods_answer_as_the_commands_do() -> None:
    with mesoref.open(TINY) as kb:
        assert links(kb, "gfp") == kb.links("gfp")
        assert compare(kb, ["gene-glow", "gene-hum"], diff=True) == kb.compare("gene-glow", "gene-hum", diff=True)
        assert ["gene-glow", "gfp"] == [each.record.id for each in kb.show("gene-glow", "GFP").profiles]
        assert kb.explain("gfp").lay
        assert ["able-2020", "baker-2019"] == [each.id for each in kb.cite().references]
        assert ["gene-glow"] == [hit.line.id for hit in kb.search("glow", kind="therapy", limit=1).hits]


def test_paths_may_be_texts_and_more_records_are_laid_over(tmp_path: Path) -> None:
    more = tmp_path / "mine.yaml"
    more.write_text("schema: 1\ngenes:\n  mine:\n    name: My gene\n    symbol: MINE\n    roles: [reporter]\n"
                    "    refs: [able-2020]\n", encoding="utf-8")
    with mesoref.open(str(TINY), extra=[str(more)]) as kb:
        assert ["gfp", "mine"] == [each.id for each in kb.all("gene")]
        assert kb.find("MINE").local


def test_one_path_for_many_is_refused() -> None:
    with pytest.raises(TypeError, match="extra is a list of paths"):
        mesoref.open(TINY, "mine.yaml")


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


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with mesoref.open() as kb:
        kb.explain("car-t")
        kb.links("car-t", depth=2)
        kb.cite()
        kb.search("fever")

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
    assert ["KnowledgeBase", "__version__", "open"] == sorted(mesoref.__all__)
    assert all(hasattr(mesoref, each) for each in mesoref.__all__)
