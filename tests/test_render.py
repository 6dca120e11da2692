"""How answers look: in every format as somebody has looked at it, and on a terminal of any width with nothing cut."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from conftest import TINY, Run
from mesoref import __version__
from mesoref.kb import KnowledgeBase
from mesoref.queries.comparing import compare
from mesoref.queries.listing import list_
from mesoref.queries.searching import search
from mesoref.queries.showing import show
from mesoref.render import FORMATS, writer
from mesoref.render.clean import to_encoding
from mesoref.views import View

VIEWS = {
    "list": ("list", "therapies"),
    "show": ("show", "gene-glow", "NCT00000001", "lamp-virus"),
    "compare": ("compare", "gene-glow", "gene-hum"),
    "search": ("search", "glow", "sunbrun", "gene"),
}
WIDTHS = (60, 100, 160)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

Golden = Callable[[str, str], str]


def steady(text: str) -> str:
    """Text without what changes with a release or a restyling."""
    return re.sub(r"(?s)<style>.*?</style>", "<style></style>", text).replace(__version__, "VERSION")


@pytest.mark.parametrize("format", [each for each in FORMATS if each != "table"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_format_writes_what_was_looked_at(run: Run, golden: Golden, view: str, format: str) -> None:
    answer = run(*VIEWS[view], "--data", TINY, "-f", format)
    if answer.code == 2:
        assert f"`mesoref {VIEWS[view][0]}` cannot be written as {format} (" in answer.err
        return

    assert (0, "") == (answer.code, answer.err)
    assert golden(f"{view}.{format}", steady(answer.out)) == steady(answer.out)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_terminal_shows_what_was_looked_at(run: Run, golden: Golden, monkeypatch: pytest.MonkeyPatch, view: str,
                                             width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    answer = run(*VIEWS[view], "--data", TINY, "-f", "table")

    assert (0, "") == (answer.code, answer.err)
    assert golden(f"{view}.table-{width}", steady(answer.out)) == steady(answer.out)


ASKED = [("list",), ("list", "references", "--where", "agent=icasm28z"), ("show", "car-t", "bap1"),
         ("compare", "virotherapy", "suicide-gene", "microrna")]


@pytest.mark.parametrize("args", ASKED, ids=" ".join)
@pytest.mark.parametrize("width", [20, *WIDTHS])
def test_no_line_is_wider_than_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...],
                                            width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(*args, "-f", "table").out.splitlines()

    assert [each for each in lines if cell_len(each) > width and not is_address(each)] == []


def is_address(line: str) -> bool:
    """Whether a line is nothing but an address, which is the terminal's to wrap."""
    return len(line.split()) == 1 and "://" in line


@pytest.mark.parametrize("args", ASKED, ids=" ".join)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_whatever_the_width(run: Run, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...],
                                           width: int) -> None:
    """Every word of the plain text stands on the terminal, whole or folded where it is longer than a column."""
    monkeypatch.setenv("COLUMNS", str(width))
    text = run(*args, "-f", "table").out
    there, folded = set(words(text)), "".join(text.split())
    missing = {each for each in words(run(*args, "-f", "plain").out) if each not in there and each not in folded}

    assert missing == set()
    assert not {"…", "\N{NO-BREAK SPACE}"} & set(text)


def words(text: str) -> list[str]:
    return [each.strip("():;") for each in text.split()]


@pytest.mark.parametrize("view", VIEWS)
def test_colour_is_asked_for_and_forbidden_by_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch,
                                                             view: str) -> None:
    args: tuple[str, ...] = (*VIEWS[view], "--data", str(TINY), "-f", "table")
    plain = run(*args).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    forbidden = run(*args).out
    monkeypatch.delenv("NO_COLOR")
    coloured = run(*args).out

    assert "\x1b" not in plain + forbidden
    assert "\x1b[" in coloured
    assert stripped(coloured) == stripped(forbidden) == stripped(plain)


def stripped(text: str) -> list[str]:
    return [each.rstrip() for each in ESCAPES.sub("", text).splitlines()]


@pytest.mark.parametrize("format", [each for each in FORMATS if each not in ("table", "html", "svg")])
def test_no_other_format_has_colour(run: Run, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR")

    assert "\x1b" not in run(*VIEWS["show"], "--data", TINY, "-f", format).out


class Screen(io.StringIO):
    """A stream that says which letters it takes."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def drawn(view: View, encoding: str) -> str:
    screen = Screen(encoding)
    writer("table")(view, screen)
    return screen.getvalue()


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest, tiny: KnowledgeBase) -> View:
    made: dict[str, Callable[[], View]] = {
        "list": lambda: list_(tiny, "references", columns=["id", "title", "authors"]),
        "show": lambda: show(tiny, ["gene-glow", "able-2020"]),
        "compare": lambda: compare(tiny, ["gene-glow", "gene-hum"]),
        "search": lambda: search(tiny, "glow & hum"),
    }
    return made[request.param]()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_is_drawn_on_in_ascii(view: View, encoding: str) -> None:
    frame = set(drawn(view, encoding)) - set("Zoë β & µ “”")

    assert sorted(each for each in frame if not each.isascii()) == []


def test_letters_that_a_terminal_lacks_become_others_not_question_marks(view: View) -> None:
    text = drawn(view, "ascii")
    shown = to_encoding(text, "ascii")

    assert shown.isascii()
    assert shown.count("?") == text.count("?")
    assert ("beta & mu" in shown) == ("β & µ" in text)


def test_lines_and_bullets_are_drawn_where_there_is_unicode(tiny: KnowledgeBase, kb: KnowledgeBase) -> None:
    assert "─" in drawn(list_(tiny, "therapies"), "utf-8")
    assert "•" in drawn(show(kb, ["car-t"]), "utf-8")


def test_data_with_brackets_reaches_the_terminal_whole(run: Run) -> None:
    assert "Glow [part 1]: β & µ" in run("list", "references", "--columns", "title", "--data", TINY, "-f", "table").out


SAID = "Wrong: “Glowing cures.”"
"""A claim of the small base with its verdict before it."""


@pytest.mark.parametrize("args", [
    ("show", "glow-cures"), ("explain", "glow-cures"), ("show", "gene-glow"), ("links", "gene-glow"),
    ("search", "glowing", "cures")], ids=" ".join)
@pytest.mark.parametrize("format", ["table", "plain", "markdown", "html"])
def test_the_verdict_on_a_claim_stands_before_it_wherever_it_is_named(run: Run, args: tuple[str, ...],
                                                                      format: str) -> None:
    text = " ".join(run(*args, "--data", TINY, "-f", format).out.replace("**", "").split())
    if args[0] == "search":
        text = re.sub(r"Claim:(</small>)? .*?\.(?=[ <]|$)", "", text)

    assert SAID in text
    assert text.count("Glowing cures.") == text.count(SAID)


@pytest.mark.parametrize("format", ["dot", "mermaid"])
def test_the_verdict_on_a_claim_stands_before_it_in_a_graph(run: Run, format: str) -> None:
    assert SAID in run("links", "gene-glow", "--data", TINY, "-f", format).out


def test_data_on_links_says_what_stands_beside_a_title(run: Run) -> None:
    rows = csv.DictReader(io.StringIO(run("links", "gene-glow", "--data", TINY, "-f", "csv").out))
    [root] = json.loads(run("links", "gene-glow", "--data", TINY, "-f", "json").out)["records"]
    named = {each["id"]: each["brief"] for links in root["links"] for each in links["records"]}

    assert "wrong" == named["glow-cures"]
    assert named["NCT00000001"].startswith("phase 1, completed")
    assert {**named, "gene-glow": "", "": ""} == {each["id"]: each["brief"] for each in rows}


@pytest.mark.parametrize(("value", "unit", "said"), [
    (1, "patients", "1 patient"), ("1", "months", "1 month"), (1.0, "biopsies", "1.0 biopsy"), (1, "%", "1%"),
    (1, "people", "1 person"), (1, "loss", "1 loss"), (2, "patients", "2 patients"), (1.5, "months", "1.5 months"),
    ("1 to 3", "days", "1 to 3 days")])
def test_of_one_there_is_one(run: Run, tmp_path: Path, value: object, unit: str, said: str) -> None:
    more = tmp_path / "more.yaml"
    more.write_text(f"schema: 1\nrisks:\n  one:\n    name: One\n    frequency:\n"
                    f"      - {{measure: seen, value: {value}, unit: '{unit}', refs: [able-2020]}}\n", encoding="utf-8")

    for format in ("table", "plain", "markdown", "html", "csv"):
        assert f"seen: {said}" in run("show", "one", "--data", TINY, "--with", more, "-f", format).out


LEVEL = "how strong the best evidence is, not how well it works"


@pytest.mark.parametrize("format", ["table", "plain", "markdown", "html"])
def test_a_column_of_levels_says_what_they_mean(run: Run, format: str) -> None:
    def listed(*args: str) -> str:
        return " ".join(run("list", *args, "--data", TINY, "-f", format).out.split())

    assert f"Best level: {LEVEL}, from A (a regulator" in listed("genes")
    assert f"Level: {LEVEL}" in listed("references")
    assert LEVEL not in listed("genes", "--columns", "id,name") + listed("agents")


def test_records_one_under_another_are_counted_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out = run("list", "--data", TINY, "-f", "table").out

    assert "\nId " in out
    assert "\n2 therapies. Not medical" in out
    assert LEVEL in " ".join(out.split())


@pytest.mark.parametrize("format", ["table", "plain", "markdown", "html"])
def test_the_best_level_of_a_record_is_one_line_with_its_meaning(run: Run, format: str) -> None:
    out = re.sub(r"\*\*|</?[bp][^>]*>", "", run("show", "lamp-virus", "--data", TINY, "-f", format).out)

    assert "\nBest level: D (animals or cells)\n" in out.replace("\\", "")


@pytest.mark.parametrize("format", ["table", "plain", "markdown", "html"])
def test_a_gap_in_a_table_says_not_found(run: Run, format: str) -> None:
    out = run("list", "genes", "--data", TINY, "-f", format, "--columns", "id,location").out

    assert "not found" in out


ADDRESS = "https://example.org/a/rather/long/address/of-a-page/that-no-line-of-a-narrow-terminal-holds?page=1#place"


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """Two sources with a long address."""
    more = tmp_path / "more.yaml"
    more.write_text("schema: 1\nreferences:\n" + "".join(
        f"  {id}:\n    type: web\n    title: {id} and its title\n    url: {ADDRESS}{id}\n    access: excerpt\n"
        for id in ("one", "two")), encoding="utf-8")
    return more


@pytest.mark.parametrize("args", [
    ("cite", "one", "two"), ("show", "one"), ("compare", "one", "two"), ("list", "references", "--columns", "id,url"),
    ("explain", "one"), ("search", "one")], ids=" ".join)
@pytest.mark.parametrize("width", [40, 100])
def test_an_address_begins_a_line_and_is_never_broken(run: Run, monkeypatch: pytest.MonkeyPatch, linked: Path,
                                                      args: tuple[str, ...], width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(*args, "--data", TINY, "--with", linked, "-f", "table").out.splitlines()
    broken = [each for each in lines if "example.org/a" in each and ADDRESS not in each]
    within = [each for each in lines if ADDRESS in each and len(each) > width and not is_address(
        each.removeprefix("Address").removeprefix("• "))]

    assert broken == within == []


def test_a_number_stays_with_what_it_counts(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    trial = ("  {id}:\n    name: {id}\n    phase: '1'\n    results:\n      - {{measure: {words}survival, value: 23.9, "
             "unit: months, n: 18, group: all, refs: [able-2020]}}\n    refs: [able-2020]\n")
    monkeypatch.setenv("COLUMNS", "100")
    for number in range(1, 20):
        records = (trial.format(id=each, words="a " * number) for each in ("one", "two"))
        more.write_text("schema: 1\ntrials:\n" + "".join(records), encoding="utf-8")
        out = run("compare", "one", "two", "--field", "results", "--data", TINY, "--with", more, "-f", "table").out
        assert "23.9 months" in out
        assert "n = 18" in out


def test_plain_text_on_a_terminal_breaks_between_words(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "60")
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        writer("plain")(show(kb, ["car-t"]), stream)
    lines = terminal.getvalue().splitlines()

    assert max(map(len, pipe.getvalue().splitlines())) > 60
    assert [each for each in lines if len(each) > 60 and not is_address(each)] == []
    assert pipe.getvalue().split() == terminal.getvalue().split()


@pytest.mark.parametrize("format", ["table", "plain", "markdown", "html"])
def test_prose_is_never_called_different(run: Run, format: str) -> None:
    """Texts about two things always differ; the word is kept for what is chosen, counted or linked."""
    out = run("compare", "gene-glow", "gene-hum", "--data", TINY, "-f", format).out
    said = {label: re.search(rf"{label}\W[^\n]{{0,12}}(\n  )?(<br><small>)?\(?(same|different)", out)
            for label in ("Stage in mesothelioma", "Risks", "Not known", "Trials")}

    assert {"Not known"} == {label for label, found in said.items() if not found}


def test_dates_and_short_notes_on_a_page_do_not_break(run: Run, tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    ids = [f"one-{number}" for number in range(8)]
    more.write_text("schema: 1\nreferences:\n" + "".join(
        f"  {id}:\n    type: web\n    title: {id}\n    url: https://example.org/\n    access: excerpt\n" for id in ids)
        + "trials:\n  dated:\n    name: Dated\n    phase: '1'\n    start: 2010-04\n    refs: [able-2020]\n"
        "    statements:\n      - {text: By one., refs: [able-2020]}\n"
        f"      - {{text: By many., refs: [{', '.join(ids)}]}}\n", encoding="utf-8")
    base = ("--data", TINY, "--with", more, "-f", "html")
    page = run("show", "dated", *base).out

    assert '<td><span class="date">2010-04</span></td>' in run("list", "trials", *base).out
    assert "(<span class=\"date\">2020-05</span>)" in run("list", "trials", *base).out
    assert "By one. <sup>[" in page
    assert 'By many. <sup class="long">[' in page


@pytest.mark.parametrize("kind", ["therapies", "genes", "vectors", "risks", "agents", "trials", "terms", "claims"])
def test_a_list_is_a_table_at_a_hundred_columns(run: Run, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = run("list", kind, "-f", "table").out.splitlines()

    assert any(set(each) == {"─"} for each in lines[:6])
    assert max(map(len, lines)) <= 100
