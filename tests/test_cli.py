"""The program from outside: exit codes, formats, names."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY, Answer, Run
from mesoref.render import FORMATS


def test_no_arguments_print_a_short_help_and_succeed(run: Run) -> None:
    answer = run()

    assert (0, "") == (answer.code, answer.err)
    assert "mesoref show car-t" in answer.out


@pytest.mark.parametrize("name", ["car-t", "CAR T", "cart", "Car-T", "chimeric antigen receptor T cells"])
def test_a_name_is_found_however_it_is_written(run: Run, name: str) -> None:
    answer = run("show", name, "-f", "json")

    assert [each["id"] for each in json.loads(answer.out)["records"]] == ["car-t"]


@pytest.mark.parametrize(("name", "id"), [
    ("Kymriah", "tisagenlecleucel"), ("p53", "tp53"), ("HGNC:950", "bap1"), ("PMID:34266984", "adusumilli-2021"),
    ("NCT02414269", "NCT02414269"), ("nct02414269", "NCT02414269"),
])
def test_outside_names_and_identifiers_find_the_record(run: Run, name: str, id: str) -> None:
    answer = run("show", name, "-f", "json")

    assert [each["id"] for each in json.loads(answer.out)["records"]] == [id]


def test_an_unknown_name_is_no_answer_and_suggests_near_ones(run: Run) -> None:
    answer = run("show", "virotherpy")

    assert (1, "") == (answer.code, answer.out)
    assert "did you mean virotherapy?" in answer.err


def test_a_beginning_is_never_expanded(run: Run) -> None:
    assert run("show", "viro").code == 1


@pytest.mark.parametrize("args", [
    ("list", "genies"), ("list", "--where", "nothing=1"), ("list", "--where", "stage=never"), ("list", "-f", "pdf"),
    ("compare", "car-t"), ("compare", "car-t", "tp53"), ("compare", "car-t", "car-t"), ("nosuch",),
    ("list", "--nosuch"),
    ("list", "-o", "x.docx"),
])
def test_a_wrong_command_line_exits_with_2_and_says_why(run: Run, args: tuple[str, ...]) -> None:
    answer = run(*args)

    assert (2, "") == (answer.code, answer.out)
    assert answer.err.strip()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("args", [
    ("list", "genes"), ("show", "gfp", "gene-glow"), ("compare", "gene-glow", "gene-hum"),
])
def test_every_format_answers(run: Run, args: tuple[str, ...], format: str) -> None:
    answer = run(*args, "--data", TINY, "-f", format)

    assert answer.code in (0, 2)
    assert bool(answer.out) == (answer.code == 0)
    assert answer.code == 0 or "cannot be written as" in answer.err


def test_options_stand_before_and_after_the_command(run: Run) -> None:
    before = run("--data", str(TINY), "-f", "json", "list")
    after = run("list", "--data", str(TINY), "-f", "json")

    assert before.out == after.out
    assert json.loads(after.out)["count"] == 2


def test_the_suffix_of_the_output_names_the_format(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "list.json"
    answer = run("list", "-o", target)

    assert (0, "", "") == answer
    assert json.loads(target.read_text())["kind"] == "therapy"


def test_more_records_are_laid_over_the_base_and_shown_as_local(run: Run, tmp_path: Path) -> None:
    more = tmp_path / "mine.yaml"
    more.write_text("schema: 1\ngenes:\n  mine:\n    name: My gene\n    symbol: MINE\n    roles: [reporter]\n"
                    "    refs: [able-2020]\n")
    answer = run("show", "mine", "--data", TINY, "--with", more)

    assert answer.code == 0
    assert "My gene (gene mine, local)" in answer.out


def test_what_is_cited_is_listed_at_the_end(run: Run) -> None:
    assert "Sources:\n  [1] " in run("show", "gene-glow", "--data", TINY).out
    assert {"able-2020", "baker-2019"} == set(json.loads(run("show", "gene-glow", "--data", TINY, "-f", "json").out)[
        "references"])


BAD = "schema: 1\ngenes:\n  x:\n    name: X\n    symbol: X\n    roles: [nonsense]\n    refs: [nobody]\n"


def test_check_finds_nothing_in_the_shipped_base(run: Run) -> None:
    answer = run("check")

    assert (0, "") == (answer.code, answer.err)
    assert answer.out.startswith("no problems in ")


def test_check_tells_every_problem_with_its_place_and_rule(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(BAD)
    answer = run("check", bad)

    assert answer.code == 1
    assert answer.err == "mesoref: 2 problems found\n"
    assert [each.split(": ")[0] for each in answer.out.splitlines()[:2]] == [f"{bad}:6:13", f"{bad}:7:12"]
    assert [each.rsplit("[")[-1] for each in answer.out.splitlines()[:2]] == ["bad-value]", "dangling-reference]"]


def test_check_annotates_a_change_on_github(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad, very.yaml"
    bad.write_text(BAD)
    answer = run("check", bad, "-f", "github")

    file = str(bad).replace(",", "%2C")
    assert answer.out.startswith(f"::error file={file},line=6,col=13,title=bad-value::'nonsense' is not allowed")


def test_check_as_json_holds_places_and_rules(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(BAD)
    answer = json.loads(run("check", bad, "-f", "json").out)

    assert [(each["line"], each["column"], each["rule"]) for each in answer["records"]] == [
        (6, 13, "bad-value"), (7, 12, "dangling-reference")]


def test_an_invalid_base_answers_nothing_and_says_why(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(BAD)
    answer = run("list", "--data", bad)

    assert (3, "") == (answer.code, answer.out)
    assert "6:13: 'nonsense' is not allowed" in answer.err


def test_no_match_is_no_answer_but_one_json_object(run: Run) -> None:
    as_text = run("list", "trials", "--data", TINY, "--where", "phase=3")
    as_json = run("list", "trials", "--data", TINY, "--where", "phase=3", "-f", "json")

    assert (1, "", "mesoref: no trials match\n") == as_text
    assert (1, 0) == (as_json.code, json.loads(as_json.out)["count"])


NOTHING = (("list", "trials", "--where", "phase=3"), ("search", "zzzzqqq"), ("show", "nobody"))


@pytest.mark.parametrize("args", [*NOTHING, ("list",), ("schema",), ("info",), ("list", "--data", "/nowhere")])
@pytest.mark.parametrize(("options", "said"), [
    (("-f", "nonsense"), "no format 'nonsense'"), (("-o", "x.nonsense"), "no format for the suffix '.nonsense'"),
    (("-o", "x"), "no format for the suffix ''"), (("-f", "nonsense", "-o", "x.csv"), "no format 'nonsense'"),
])
def test_a_format_that_there_is_not_is_a_wrong_command_line_whatever_is_found(
        run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], options: tuple[str, ...],
        said: str) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run("--data", TINY, *args, *options)

    assert (2, "") == (answer.code, answer.out)
    assert said in answer.err
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("args", "some"), [(NOTHING[0], ("list", "trials")), (NOTHING[1], ("search", "glow"))])
@pytest.mark.parametrize("format", FORMATS)
def test_a_format_that_cannot_say_what_is_found_cannot_say_that_nothing_is(
        run: Run, args: tuple[str, ...], some: tuple[str, ...], format: str) -> None:
    nothing, found = (run("--data", TINY, *each, "-f", format) for each in (args, some))

    assert (found.code or 1, bool(nothing.out)) == (nothing.code, format == "json")


@pytest.mark.parametrize("args", NOTHING)
def test_where_nothing_is_found_a_file_stays_as_it_was(run: Run, tmp_path: Path, args: tuple[str, ...]) -> None:
    target = tmp_path / "kept.csv"
    target.write_text("kept")

    assert 1 == run("--data", TINY, *args, "-o", target).code
    assert "kept" == target.read_text()


def test_stale_tells_what_was_last_confirmed_when(run: Run) -> None:
    answer = run("check", TINY, "--stale", "0")

    assert answer.code == 1
    assert "stage of 'gene-glow' was last confirmed 2025-12" in answer.out


UNDATED = """\
schema: 1
references:
  able-2020: {type: trial, title: Glow, access: abstract, pmid: '1'}
therapies:
  gene-glow: {name: Gene glow, stage: {value: phase-1, refs: [able-2020]},
    plain: [{text: It glows., refs: [able-2020]}], summary: [{text: It glows., refs: [able-2020]}]}
trials:
  glow-one: {name: Glow one, therapy: gene-glow, phase: '1', refs: [able-2020]}
"""


@pytest.mark.parametrize("words", [
    "list -f table", "show gene-glow", "explain gene-glow", "search glow -f table", "links gene-glow", "chart pipeline",
    "chart timeline", "chart timeline -f svg", "chart survival", "export base.html", "export base.json",
    "export base.sqlite", "export csv/", "info"])
def test_a_base_that_gives_no_date_is_answered_from(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                    words: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("undated.yaml").write_text(UNDATED)
    answer = run(*words.split(), "--data", "undated.yaml")

    assert (0, "") == (answer.code, answer.err)
    assert "an unknown date" in answer.out


def test_in_json_the_date_of_a_base_that_gives_none_is_null(run: Run, tmp_path: Path) -> None:
    (tmp_path / "undated.yaml").write_text(UNDATED)

    assert json.loads(run("list", "--data", tmp_path / "undated.yaml", "-f", "json").out)["as_of"] is None


@pytest.mark.parametrize("words", ["list", "show car-t", "show nobody", "search car --kind gene", "--version", "info",
                                   "cite car-t -f bibtex", "explain car-t", "list --where stage=nowhere"])
@pytest.mark.parametrize("cached", [True, False])
def test_a_base_that_was_opened_is_closed(run: Run, monkeypatch: pytest.MonkeyPatch, words: str, cached: bool) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def watched(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **options))
        return opened[-1]

    if not cached:
        monkeypatch.setenv("MESOREF_CACHE_DIR", "/dev/null/nowhere")
        monkeypatch.setenv("MESOREF_DATA", str(TINY))
    monkeypatch.setattr(sqlite3, "connect", watched)
    run(*words.split())

    assert opened
    for each in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            each.execute("SELECT 1")


# --- which base is asked ---


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two files with a term each."""
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"schema: 1\nterms:\n  word-{name}: {{name: Word {name}}}\n")
    return tmp_path / "a.yaml", tmp_path / "b.yaml"


def listed(answer: Answer) -> set[str]:
    return {each["id"] for each in json.loads(answer.out)["records"]}


@pytest.mark.parametrize(("before", "environment", "after", "expected"), [
    ("a", "b", "", "word-a"), ("", "b", "a", "word-a"), ("", "a", "", "word-a"), ("b", "", "a", "word-a"),
])
def test_an_option_beats_the_environment_wherever_it_stands(
        run: Run, two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, before: str, environment: str, after: str,
        expected: str) -> None:
    file = {"a": [str(two[0])], "b": [str(two[1])], "": []}
    monkeypatch.setenv("MESOREF_DATA", *(file[environment] or [""]))
    answer = run(*(["--data", *file[before]] if before else []), "list", "terms", "-f", "json",
                 *(["--data", *file[after]] if after else []))

    assert {expected} == listed(answer)


def test_everything_is_laid_over_the_base_wherever_it_is_named(run: Run, two: tuple[Path, Path]) -> None:
    answer = run("--with", two[0], "list", "terms", "--with", two[1], "--data", TINY, "-f", "json")

    assert {"word-a", "word-b"} < listed(answer)


def test_the_version_is_that_of_the_base_that_is_named(run: Run, two: tuple[Path, Path]) -> None:
    assert "knowledge as of 2026-01-02" in run("--data", TINY, "--version").out
    assert "knowledge as of an unknown date" in run("--version", "--data", two[0]).out


def test_check_lays_over_what_is_checked_what_it_is_told_to(run: Run, two: tuple[Path, Path]) -> None:
    two[1].write_text("schema: 1\nterms:\n  word-b: {name: Word b, see: [word-a]}\n")

    assert run("check", two[0], "--with", two[1]).code == 0
    assert run("check", two[1]).code == 1


def test_check_says_how_to_check_what_is_laid_over_the_shipped_base(run: Run, tmp_path: Path) -> None:
    notes = tmp_path / "my notes.yaml"
    notes.write_text("schema: 1\nterms:\n  my-note: {name: My note, see: [car-t]}\n")
    answer = run("check", notes)

    assert 1 == answer.code
    assert f"'car-t' is in the shipped base: to check a file that is laid over it, mesoref check --with '{notes}'" \
        in answer.err
    assert run("check", "--with", notes).code == 0


@pytest.mark.parametrize(("typed", "hint"), [("shwo", "did you mean 'show'?"), ("xyz", "the commands are list, show,")])
def test_an_unknown_command_is_told_with_one_that_is_known(run: Run, typed: str, hint: str) -> None:
    answer = run(typed, "car-t")

    assert (2, "") == (answer.code, answer.out)
    assert f"no command {typed!r}; {hint}" in answer.err


ASKED = {"list": ("list",), "show": ("show", "gfp"), "explain": ("explain", "gfp"), "search": ("search", "glow"),
         "compare": ("compare", "gene-glow", "gene-hum"), "cite": ("cite",), "links": ("links", "gfp"),
         "chart": ("chart", "survival"), "info": ("info",), "check": ("check",), "schema": ("schema",)}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("command", ASKED)
def test_a_command_has_the_formats_that_it_says_it_has(run: Run, command: str, format: str) -> None:
    answer = run(*ASKED[command], *(() if command == "schema" else ("--data", TINY)), "-f", format)

    if answer.code == 2:
        assert answer.err.startswith(f"mesoref: `mesoref {command}` cannot be written as {format}")
        assert format not in answer.err.partition("its formats: ")[2].strip().split(", ")
    else:
        assert 0 == answer.code
        assert answer.out or command == "check"


def test_a_format_that_does_not_fit_leads_to_the_command_that_has_it(run: Run, tmp_path: Path) -> None:
    cited = run("show", "bap1", "-f", "bibtex").err
    drawn = run("compare", "car-t", "virotherapy", "-f", "svg").err
    noted = run("list", "-f", "github").err
    exported = run("export", tmp_path / "base.json", "--data", TINY, "-f", "dot").err

    assert cited.startswith("mesoref: `mesoref show` cannot be written as bibtex (for sources: mesoref cite bap1 -f ")
    assert "; its formats: table, plain, json, " in cited
    assert "(for a picture: mesoref chart NAME -f svg)" in drawn
    assert "cannot be written as github (it is for `mesoref check`); its formats: table" in noted
    assert "`mesoref export` cannot be written as dot" in exported


@pytest.mark.parametrize(("args", "wanted"), [
    (("compare", "car-t"), "compare takes 2 to 5 records, not 1"),
    (("links", "car-t", "--depth", "x"), "'x' is not a whole number from 1 to 20"),
    (("links", "car-t", "--depth", "21"), "'21' is not a whole number from 1 to 20"),
    (("search", "car", "--limit", "0"), "'0' is not a whole number from 1 up"),
    (("check", "--stale", "soon"), "'soon' is not a whole number from 0 up")])
def test_a_wrong_number_is_told_what_is_wanted(run: Run, args: tuple[str, ...], wanted: str) -> None:
    answer = run(*args)

    assert (2, "") == (answer.code, answer.out)
    assert wanted in answer.err


def test_a_file_that_cannot_be_read_has_no_line_and_column(run: Run, tmp_path: Path) -> None:
    answer = run("list", "--data", tmp_path / "nofile.yaml")

    assert 3 == answer.code
    assert f"{tmp_path / 'nofile.yaml'}: cannot be read: no such file or directory [" in answer.err
