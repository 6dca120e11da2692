"""The documents say what the program does, word for word."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import Run
from mesoref.about import EXIT_CODES
from mesoref.checks import PAGES
from mesoref.cli import COMMANDS
from mesoref.model import KINDS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
REFERENCE = ROOT / "docs" / "reference.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("C*.md"))]
WIDTH = "100"
MORE, SHOWN = "[...]", 24

BLOCK = re.compile(r"(?<=^```console\n)(?:\$ mesoref.*\n)(?s:.*?)(?=^```$)", re.MULTILINE)
"""A transcript: a fenced block of `console` that begins with a call of the program."""

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
PIPED = re.compile(r"[|><;&]")


class Shown(NamedTuple):
    """A call in a transcript and what stands under it; `[...]` at the end leaves the rest out."""

    call: str
    lines: tuple[str, ...]


def transcript(block: str) -> list[Shown]:
    """The calls of a block with the lines under each."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return [Shown(call, tuple(text.rstrip("\n").splitlines()))
            for call, text in zip(parts[::2], parts[1::2], strict=True)]


def printed(call: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a call prints on a screen of a hundred columns."""
    monkeypatch.setenv("COLUMNS", WIDTH)
    args = shlex.split(call)[1:]
    answer = run(*args, *([] if {"-f", "--format", "--version", "--help", "-h"} & {*args} else ["-f", "table"]))
    text = answer.out or run(*args).out
    return [each.rstrip() for each in text.rstrip("\n").splitlines()]


def expected(shown: Shown, lines: list[str]) -> tuple[str, ...]:
    """What should stand under a call, as much of it as stands there."""
    if shown.lines[-1:] != (MORE,):
        return tuple(lines)
    return (*lines[:len(shown.lines) - 1 or SHOWN], MORE)


def blocks() -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        for found in BLOCK.finditer(document.read_text(encoding="utf-8")):
            yield document, found.group()


def calls() -> list[str]:
    return [shown.call for _, block in blocks() for shown in transcript(block)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_transcripts_show_what_the_program_prints(document: Path, run: Run, monkeypatch: pytest.MonkeyPatch,
                                                  request: pytest.FixtureRequest) -> None:
    """`pytest --update-golden` writes them anew, as many lines as there were."""

    def now(found: re.Match[str]) -> str:
        return "".join("\n".join([f"$ {shown.call}", *(shown.lines if PIPED.search(shown.call) else expected(
            shown, printed(shown.call, run, monkeypatch)))]) + "\n" for shown in transcript(found.group()))

    text = document.read_text(encoding="utf-8")
    new = BLOCK.sub(now, text)
    if request.config.getoption("--update-golden"):
        document.write_text(new, encoding="utf-8", newline="\n")
        return

    assert new == text


@pytest.mark.parametrize("call", [
    "mesoref list", "mesoref show car-t", "mesoref compare virotherapy suicide-gene",
])
def test_the_readme_shows_what_the_program_is_for(call: str) -> None:
    assert call in [shown.call for document, block in blocks() if document == README for shown in transcript(block)]


def test_every_call_in_a_transcript_is_one_that_the_program_knows() -> None:
    assert {shlex.split(each)[1] for each in calls()} <= {*COMMANDS, "--version", "--help"}


def test_the_reference_is_what_the_program_says(request: pytest.FixtureRequest) -> None:
    """`pytest --update-golden`, or `python docs/make_reference.py`, writes it anew."""
    script = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))
    if request.config.getoption("--update-golden"):
        script["main"]()

    assert script["reference"]() == REFERENCE.read_text(encoding="utf-8")


def readable() -> str:
    """The README and all that it leads to."""
    found = {README: README.read_text(encoding="utf-8")}
    for document in (waiting := list(found)):
        for link in LINK.findall(found[document]):
            target = (document.parent / link).resolve()
            if target.suffix == ".md" and target.is_file() and target not in found:
                found[target] = target.read_text(encoding="utf-8")
                waiting.append(target)
    return "\n".join(found.values())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"\bmesoref {command}\b", readable())


@pytest.mark.parametrize("kind", [each.plural for each in KINDS.values()])
def test_every_kind_is_documented(kind: str) -> None:
    assert f"`{kind}`" in readable()


@pytest.mark.parametrize("rule", PAGES)
def test_every_rule_is_documented(rule: str) -> None:
    assert f"`{rule}`" in readable()


@pytest.mark.parametrize(("code", "meaning"), EXIT_CODES.items())
def test_every_exit_code_is_documented(code: str, meaning: str) -> None:
    assert re.search(rf"`?{code}`?\W+{re.escape(meaning)}", readable())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    found = LINK.findall(document.read_text(encoding="utf-8"))

    assert [each for each in found if not (document.parent / each).exists()] == []


@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in ("export", "check")])
def test_every_example_of_a_command_is_answered(command: str, run: Run, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """What the help shows can be typed, of a pipe our part; what takes long is asked by tests of its own."""
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^  (mesoref .*?)\s*$", run(command, "--help").out.partition("Usage:")[0], re.MULTILINE)
    answers = {each: run(*shlex.split(PIPED.split(each)[0])[1:]) for each in examples}

    assert examples
    assert {each: answer.err for each, answer in answers.items() if answer.code} == {}


def test_the_file_of_the_readme_is_sound(run: Run, tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "my-notes.yaml").write_text(example, encoding="utf-8")

    assert (0, "") == run("check", "--with", tmp_path / "my-notes.yaml")[::2]
    assert "local" in run("show", "tumour-board", "--with", tmp_path / "my-notes.yaml").out.lower()
