"""Broken and hostile sources: each mistake is told with its place, in bounded time and memory, and nothing is run."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bases import Document, damaged, documents, ids, written
from conftest import TINY, Run
from fuzz_loader import examine
from mesoref import loader, sources
from mesoref.cache import data_folder
from mesoref.checks import PAGES, check
from mesoref.kb import open_base
from mesoref.model import KINDS

CASES = Path(__file__).parent / "cases"
FILES = sorted(each for each in CASES.rglob("*.yaml") if each.parent.name in PAGES)
MARK = re.compile(rb"# problem: (\d+):(\d+)(?: ([a-z-]+))?")
STALE = 3650
MEMORY = 400_000_000
PATIENCE = 60

Places = list[tuple[int, int, str]]


def places(*paths: Path) -> Places:
    _, problems = check([(each, False) for each in paths], stale=STALE)
    return [(each.line, each.column, each.rule) for each in problems]


def as_lines(files: list[Path]) -> list[Any]:
    return [pytest.param(each, id=str(each.relative_to(CASES))) for each in files]


# --- files that cannot be cases ---


def _folder_without_a_base(folder: Path) -> Path:
    (folder / "notes.txt").write_text("schema: 1\n")
    return folder


def _loop(folder: Path) -> Path:
    (folder / "base.yaml").symlink_to(folder / "base.yaml")
    return folder / "base.yaml"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "base.yaml")
    return folder / "base.yaml"


def _socket(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
    return folder / "s"


def _sparse(folder: Path) -> Path:
    with open(folder / "base.yaml", "wb") as stream:
        stream.truncate(200_000_000)
    return folder / "base.yaml"


def _wide(folder: Path) -> Path:
    (folder / "base.yaml").write_text(f"schema: 1\nterms:\n  a:\n    see: [{'a,' * 100_001}]\n")
    return folder / "base.yaml"


def _full_of_mistakes(folder: Path) -> Path:
    (folder / "base.yaml").write_text("schema: 1\nterms:\n" + "".join(f"  a{n}: {{}}\n" for n in range(1_000)))
    return folder / "base.yaml"


MADE: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "a path that is not there": ("unreadable", lambda folder: folder / "nowhere.yaml"),
    "a name that is too long": ("unreadable", lambda folder: folder / ("a" * 5_000)),
    "a folder without a base": ("unreadable", _folder_without_a_base),
    "a loop of links": ("unreadable", _loop),
    "a pipe": ("unreadable", _pipe),
    "a socket": ("unreadable", _socket),
    "a device without an end": ("unreadable", lambda folder: Path("/dev/zero")),
    "200 MB": ("too-large", _sparse),
    "a record without an end": ("too-large", _wide),
    "a thousand mistakes": ("too-many", _full_of_mistakes),
}


# --- every rule ---


@pytest.mark.parametrize("file", as_lines(FILES))
def test_a_case_has_the_problems_that_it_says_it_has(file: Path) -> None:
    marked = [(int(line), int(column), rule.decode() or file.parent.name)
              for line, column, rule in MARK.findall(file.read_bytes())]

    assert marked == places(file)
    assert bool(marked) == file.name.startswith("bad")


def test_every_rule_has_a_page_and_a_case() -> None:
    shown = {rule: {each.name.partition("-")[0].removesuffix(".yaml") for each in (CASES / rule).glob("*.yaml")}
             for rule in PAGES.keys() - {rule for rule, _ in MADE.values()}}

    assert [{"good", "bad"}] * len(shown) == list(shown.values())
    assert all(page.strip() for page in PAGES.values())


@pytest.mark.parametrize("name", MADE)
def test_what_is_no_source_is_told_whole(name: str, tmp_path: Path, run: Run) -> None:
    rule, make = MADE[name]
    base = make(tmp_path)
    checked, shown = run("check", base, "-f", "json"), run("list", "--data", base)

    assert (1, 3, "") == (checked.code, shown.code, shown.out)
    assert rule in {each["rule"] for each in json.loads(checked.out)["records"]}
    assert f"[{rule}]" in shown.err or rule == "too-many"


@pytest.mark.parametrize("file", as_lines([each for each in FILES if each.name.startswith("bad")]))
def test_check_finds_it_and_the_others_refuse_a_base_that_cannot_be_read(file: Path, run: Run) -> None:
    checked = run("check", file, "--stale", str(STALE))
    shown = run("list", "references", "--data", file)

    assert (1, True) == (checked.code, f"[{file.parent.name}]" in checked.out)
    assert shown.code in (0, 1, 3)
    assert bool(shown.out) == (shown.code == 0)
    assert bool(shown.err) == (shown.code != 0)


@pytest.mark.parametrize("file", as_lines(FILES))
def test_the_parser_without_libyaml_finds_the_same_rules(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_libyaml = {rule for _, _, rule in places(file)}
    monkeypatch.setattr(loader, "Parser", yaml.SafeLoader)

    assert with_libyaml == {rule for _, _, rule in places(file)}


# --- time, memory, and files that move ---


HOSTILE = {
    "200 MB": "\0" * 1_000_000,
    "mappings in mappings, 20,000 deep": "schema: 1\nterms: " + "{a: " * 20_000,
    "a billion laughs": "schema: 1\nterms:\n  a0: &a0 [ha, ha]\n" + "".join(
        f"  a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 10)),
    "two million values": f"schema: 1\nterms:\n  a:\n    see: [{'a,' * 2_000_000}]\n",
    "a key of 10 MB": f"schema: 1\n? {'a' * 10_000_000}\n: 1\n",
}


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


VERY_HOSTILE = {
    "lists in lists, 20,000 deep": "schema: 1\nterms: " + "[" * 20_000,
    "blocks in blocks, 2,000 deep": "schema: 1\n" + "".join(f"{' ' * n}a:\n" for n in range(2_000)),
    "keys of keys, 100,000 deep": "schema: 1\n" + "? " * 100_000,
    "a name of 10 MB": f"schema: 1\nterms:\n  a:\n    nmae: {'a' * 10_000_000}\n",
    "a value of 10 MB where one word is allowed": f"schema: 1\nclaims:\n  a: {{verdict: {'a' * 10_000_000}}}\n",
    "30 MB of comment": "schema: 1\nterm: {}\n#" + " " * 30_000_000,
    "20,000 names that nearly fit": "schema: 1\nterms:\n" + "".join(
        f"  term-number-{n}:\n    name: n{n}\n    see: [term-numbre-{n}x]\n" for n in range(20_000)),
    "90 MB of records, each with a mistake": "schema: 1\nterms:\n" + "".join(
        f"  a{n}: {{}}\n" for n in range(6_000_000)),
}


@pytest.mark.parametrize("name", [*HOSTILE, *(pytest.param(each, marks=pytest.mark.heavy) for each in VERY_HOSTILE)])
def test_a_hostile_source_costs_little_and_is_told(name: str, tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text((HOSTILE | VERY_HOSTILE)[name])
    if name == "200 MB":
        os.truncate(base, 200_000_000)
    done = subprocess.run([sys.executable, "-m", "mesoref", "check", base], capture_output=True, timeout=PATIENCE,
                          preexec_fn=_bounded, text=True, check=False)

    assert (1, "Traceback" in done.stderr) == (done.returncode, False)
    assert f"{base}:" in done.stdout
    assert len(done.stdout) < 1_000_000


def test_no_tag_runs_anything(tmp_path: Path) -> None:
    owned = tmp_path / "owned"
    (tmp_path / "base.yaml").write_text(f"schema: 1\nterms: !!python/object/apply:os.mkdir [{owned}]\n"
                                        f"genes: !!python/object/new:os.mkdir [{owned}]\n"
                                        f"risks: !!python/name:os.mkdir\n")

    assert {"tag", "wrong-type"} == {rule for _, _, rule in places(tmp_path)}
    assert not owned.exists()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(shutil.copy(TINY, tmp_path / "base.yaml"))
    look = os.fstat

    def write_on(number: int) -> os.stat_result:
        found = look(number)
        with open(base, "a") as stream:
            stream.write("# more\n")
        return found

    monkeypatch.setattr(os, "fstat", write_on)

    assert [(0, 0, "unreadable")] == places(base)


def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(shutil.copy(TINY, tmp_path / "base.yaml"))
    open_ = os.open

    def exchange(path: Path, flags: int) -> int:
        base.unlink()
        os.mkfifo(base)
        return open_(path, flags)

    monkeypatch.setattr(os, "open", exchange)

    assert [(0, 0, "unreadable")] == places(base)


def test_folders_are_not_followed_through_links(tmp_path: Path) -> None:
    shutil.copy(TINY, tmp_path / "base.yaml")
    (tmp_path / "again").symlink_to(tmp_path)

    assert [tmp_path / "base.yaml"] == sources.source_files(tmp_path)


def test_a_tree_of_folders_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FOLDERS", 3)
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)

    assert [(0, 0, "unreadable")] == places(tmp_path)


def test_one_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    shutil.copy(TINY, tmp_path / "sound.yaml")
    (tmp_path / "broken.yaml").symlink_to("nowhere")
    _, problems = check([(tmp_path, False)])

    assert [(str(tmp_path / "broken.yaml"), "unreadable")] == [(each.file, each.rule) for each in problems]


# --- made up and damaged ---


def _relaxed(examples: int) -> settings:
    # A base is too large to be made smaller in sensible time.
    return settings(max_examples=examples, deadline=None, derandomize=True, phases=[Phase.generate],
                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                                           HealthCheck.function_scoped_fixture])


def _agrees(document: Document, folder: Path) -> None:
    base = written(document, folder / "base.yaml")
    _, problems = check([(base, False)])
    kb = open_base(base)
    given_back = {id: {key: value for key, value in record.data.items() if key in document[kind.plural][id]}
                  for kind in KINDS.values() for id, record in kb.get(ids(kind.name)).items()}

    assert [] == [each for each in problems if each.rule not in ("alias-collision", "uncited-reference", "no-source",
                                                                "no-address", "percentage", "interval", "negative",
                                                                "n-over-enrolled")]
    for kind in KINDS.values():
        for id in ids(kind.name):
            assert _bare(document[kind.plural][id]) == _bare(given_back[id])


def _bare(value: Any) -> Any:
    """A value as it stood in the source: without what was worked out, and without what is the default."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key != "level" and each not in ([], None)}
    return [_bare(each) for each in value] if isinstance(value, list) else value


@given(document=documents())
@_relaxed(25)
def test_a_base_made_up_from_the_fields_comes_back_as_it_was(document: Document, tmp_path: Path) -> None:
    _agrees(document, tmp_path)


@pytest.mark.heavy
@given(document=documents())
@_relaxed(1_000)
def test_a_thousand_bases_made_up_from_the_fields_come_back_as_they_were(document: Document, tmp_path: Path) -> None:
    _agrees(document, tmp_path)


@given(text=damaged(TINY.read_text(encoding="utf-8")))
@_relaxed(120)
def test_a_damaged_base_loads_or_is_found_out(text: str, tmp_path: Path) -> None:
    examine(text.encode(), tmp_path / "base.yaml")


SHIPPED = [each.read_text(encoding="utf-8") for each in sorted(data_folder().glob("*.yaml"))]


@pytest.mark.heavy
@given(text=st.sampled_from(SHIPPED).flatmap(damaged))
@_relaxed(1_000)
def test_a_damaged_file_of_the_shipped_base_loads_or_is_found_out(text: str, tmp_path: Path) -> None:
    examine(text.encode(), tmp_path / "base.yaml")


@pytest.mark.parametrize("file", as_lines(sorted(CASES.glob("fuzzed/*"))))
def test_what_the_fuzzer_found_loads_or_is_found_out(file: Path, tmp_path: Path) -> None:
    examine(file.read_bytes(), tmp_path / "base.yaml")
