"""The charts: what they draw is what the base holds, in every format, and a reader can tell all of it."""

from __future__ import annotations

import contextlib
import csv
import html
import io
import itertools
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conftest import TINY, Run
from mesoref.kb import KnowledgeBase, open_base
from mesoref.queries.charting import CANNOT_BE_RANKED, CHARTS, GENE, OTHER, chart, merged, years
from mesoref.render import FORMATS
from mesoref.render.marks import SIGNS
from mesoref.render.svg import DARK, LIGHT, SHAPES, breadth, picture, wrapped

CHARTED = TINY.with_name("charted.yaml")
SMALL: tuple[str | Path, ...] = ("--data", TINY, "--with", CHARTED)
SVG = "{http://www.w3.org/2000/svg}"
NAMES = pytest.mark.parametrize("name", CHARTS)
Golden = Callable[[str, str], str]


def trials(kb: KnowledgeBase) -> list[dict[str, Any]]:
    return [each.data for each in kb.all("trial")]


def records(run: Run, name: str, *more: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("chart", name, "-f", "json", *more).out)["records"]
    return found


def drawn(run: Run, name: str, *more: str | Path) -> ElementTree.Element:
    return ElementTree.fromstring(run("chart", name, "-f", "svg", *more).out)


def texts(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{SVG}text"))


def words(root: ElementTree.Element) -> str:
    return " ".join(each.text or "" for each in texts(root)).replace("\u00a0", " ")


# --- what is drawn is what the base holds ------------------------------------------------------------------------


def test_survival_holds_every_figure_of_the_base_and_no_other(run: Run, kb: KnowledgeBase) -> None:
    held = {(each["id"], figure.get("group"), figure["value"], figure.get("n"), *(figure.get("ci") or (None, None)),
             *figure["refs"])
            for each in trials(kb) if not (each["context"] and each["therapy"]) for figure in each["results"]
            if figure.get("measure") == "median overall survival" and figure.get("unit") == "months"}
    shown = [(each["id"], each["group"], each["value"], each["n"], each["ci_low"], each["ci_high"], *each["refs"])
             for each in records(run, "survival")]

    assert held == set(shown)
    assert len(held) == len(shown) > 20


def test_survival_leaves_out_other_units_other_measures_and_gene_therapy_of_other_cancers(run: Run) -> None:
    shown = [(each["id"], each["value"]) for each in records(run, "survival", *SMALL)]

    assert [("NCT00000001", 12.5), ("NCT00000002", "not reached"), ("old-care", 20.25), ("old-care", 7)] == shown


@pytest.mark.parametrize(("figure", "said"), [
    ("value: 3.5, n: 9, ci: [0, 12.5]", "3.5 months; 95% CI 0 to 12.5; n = 9"),
    ("value: 3.5, ci: [0, not reached]", "3.5 months; 95% CI 0 to not reached; n not found"),
    ("value: 0, n: 1", "0 months; 95% CI not found; n = 1"),
])
def test_a_figure_of_nought_is_a_figure(run: Run, tmp_path: Path, figure: str, said: str) -> None:
    (tmp_path / "nought.yaml").write_text(
        "schema: 1\ntrials:\n  nought:\n    {name: Nought, phase: '1', refs: [able-2020], results: [{measure: median "
        f"overall survival, unit: months, {figure}, refs: [able-2020]}}]}}\n", encoding="utf-8")
    base: tuple[str | Path, ...] = ("--data", TINY, "--with", tmp_path / "nought.yaml")

    assert said in run("chart", "survival", "-f", "plain", *base).out
    assert said.partition(";")[0] in words(drawn(run, "survival", *base))


def test_an_interval_from_nought_that_is_open_is_drawn_with_its_arrow(tmp_path: Path) -> None:
    (tmp_path / "nought.yaml").write_text(
        "schema: 1\ntrials:\n  nought:\n    {name: Nought, phase: '1', refs: [able-2020], results: [{measure: median "
        "overall survival, unit: months, value: 3, ci: [0, not reached], refs: [able-2020]}]}\n", encoding="utf-8")
    with contextlib.closing(open_base(TINY, [tmp_path / "nought.yaml"])) as kb:
        point = next(each for each in chart(kb, "survival").points if each.data["id"] == "nought")

    assert (0, math.inf) == (point.low, point.high)


def test_survival_of_nought_alone_can_be_drawn(run: Run, tmp_path: Path) -> None:
    base = TINY.read_text(encoding="utf-8").replace("value: 12.5, unit: months, n: 9", "value: 0, unit: months, n: 9")
    (tmp_path / "nought.yaml").write_text(base.replace("ci: [9, not reached], ", ""), encoding="utf-8")

    for format in ("svg", "plain", "table"):
        assert "0 months" in run("chart", "survival", "-f", format, "--data", tmp_path / "nought.yaml").out


def test_survival_keeps_context_apart_and_orders_by_therapy_and_year_never_by_value(kb: KnowledgeBase) -> None:
    view = chart(kb, "survival")
    groups = [group for group, _ in itertools.groupby(view.points, key=lambda each: each.group)]

    assert groups == [*sorted(groups[:-1], key=str.casefold), view.apart]
    assert {OTHER} == {each.looks[0] for each in view.points if each.group == view.apart}
    assert [each.at for each in view.points] != sorted(each.at for each in view.points if isinstance(each.at, float))


def test_people_who_did_not_get_the_gene_therapy_have_another_sign_in_its_own_trial(kb: KnowledgeBase) -> None:
    view = chart(kb, "survival")
    looks = {(each.data["control"], each.looks[0]) for each in view.points if each.group != view.apart}

    assert {(False, GENE), (True, OTHER)} == looks


def test_pipeline_counts_every_trial_once_and_everybody_treated(run: Run, kb: KnowledgeBase) -> None:
    shown = records(run, "pipeline")
    tried = [each for each in trials(kb) if not each["context"]]

    assert sorted(each["id"] for each in tried) == sorted(id for each in shown for id in each["ids"])
    for therapy in (each.data for each in kb.all("therapy")):
        own = [each for each in shown if each["therapy"] == therapy["id"]]
        assert (therapy["trials"], therapy["treated"]) == (
            sum(each["trials"] for each in own), sum(each["treated"] or 0 for each in own) or None)


def test_pipeline_puts_every_trial_into_the_column_of_its_phase(run: Run, kb: KnowledgeBase) -> None:
    phase = kb.kind("trial").fields["phase"].shape.choice
    assert phase
    by_id = {each["id"]: phase.labels[each["phase"]] for each in trials(kb)}

    assert [] == [id for each in records(run, "pipeline") for id in each["ids"] if by_id[id] != each["column"]]


def test_pipeline_marks_the_stage_that_each_therapy_has_reached(run: Run, kb: KnowledgeBase) -> None:
    choice = kb.kind("therapy").fields["stage"].shape.structs[0].fields["value"].shape.choice
    assert choice
    held = {each.id: choice.labels[each.data["stage"]["value"]] for each in kb.all("therapy")}

    assert held == {each["therapy"]: each["column"] for each in records(run, "pipeline") if each["furthest"]}


def test_pipeline_says_which_trials_have_no_row(run: Run, tmp_path: Path) -> None:
    more = tmp_path / "mine.yaml"
    more.write_text("schema: 1\ntrials:\n  stray:\n    name: Stray\n    phase: '1'\n    refs: [able-2020]\n")

    assert "Left out, as they name no therapy: stray." in run("chart", "pipeline", *SMALL, "--with", more).out


def test_pipeline_never_takes_an_unknown_number_for_none(run: Run) -> None:
    plain = run("chart", "pipeline", "-f", "plain", *SMALL).out

    assert "phase 1: 2 trials; 12 people" in plain
    assert "phase 2: 1 trial; people: not found" in plain
    assert "1 trial; people: not found: NCT00000004: not found" in plain


def test_timeline_holds_every_trial_with_the_dates_of_the_base_and_no_other(run: Run, kb: KnowledgeBase) -> None:
    held = [(each["id"], each["phase"], (each["status"] or {}).get("value"), each["start"], each["end"],
             [said["text"] for said in each["outcome"]]) for each in trials(kb) if not each["context"]]
    shown = [tuple(each[key] for key in ("id", "phase", "status", "start", "end", "outcome"))
             for each in records(run, "timeline")]

    assert sorted(held, key=repr) == sorted(shown, key=repr)


def test_timeline_uses_the_year_of_a_source_only_where_no_date_is_known_and_says_so(
        run: Run, kb: KnowledgeBase) -> None:
    years_of = {each.id: each.data.get("year") for each in kb.all("reference")}
    held = {each["id"]: each for each in trials(kb)}
    marked = {each["id"]: each["earliest_source"] for each in records(run, "timeline") if each["earliest_source"]}
    plain = run("chart", "timeline", "-f", "plain").out

    assert marked
    for id, year in marked.items():
        assert not held[id]["start"]
        assert not held[id]["end"]
        assert year == min(known for each in held[id]["refs"] if (known := years_of[each]))
        assert f"({id}): dates not found, earliest source of {year}: " in plain


def test_timeline_places_nothing_where_no_date_is_known(kb: KnowledgeBase) -> None:
    for point in chart(kb, "timeline").points:
        dated = point.data["start"] or point.data["end"] or point.data["earliest_source"]
        assert (point.at is None) == (dated is None)


@pytest.mark.parametrize(("date", "number"), [
    ("2020", 2020.5), ("2020-01", 2020 + 0.5 / 12), ("2020-07-01", 2020.5013)])
def test_a_date_stands_in_the_middle_of_what_it_leaves_open(date: str, number: float) -> None:
    assert number == pytest.approx(years(date), abs=0.0001)


def test_two_orders_become_one() -> None:
    assert ("a", "x", "b", "c", "y") == merged(("a", "b", "c"), ("x", "b", "y"))


# --- every format says the same ----------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_the_warning_goes_wherever_survival_goes(run: Run, format: str) -> None:
    answer = run("chart", "survival", "-f", format)
    text = words(ElementTree.fromstring(answer.out)) if format == "svg" else answer.out

    if format in ("table", "plain", "json", "jsonl", "csv", "tsv", "markdown", "html", "svg"):
        assert CANNOT_BE_RANKED in " ".join(text.split())
    else:
        assert (2, "") == (answer.code, answer.out)


def test_the_warning_stands_in_every_row_of_data(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("chart", "survival", "-f", "csv").out)))

    assert {CANNOT_BE_RANKED} == {each["warning"] for each in rows}


@NAMES
def test_csv_and_json_lines_hold_what_json_holds(run: Run, name: str) -> None:
    held = records(run, name)
    lines = [json.loads(each) for each in run("chart", name, "-f", "jsonl").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(run("chart", name, "-f", "csv").out)))

    assert held == lines
    assert [{key: flat(value) for key, value in each.items()} for each in held] == rows


def flat(value: Any) -> str:
    known = {True: "yes", False: "no", None: ""}
    return "; ".join(value) if isinstance(value, list) else known[value] if value in (True, False, None) and (
        not isinstance(value, int) or isinstance(value, bool)) else str(value)


@NAMES
def test_plain_has_a_line_for_every_point_with_its_words(run: Run, kb: KnowledgeBase, name: str) -> None:
    plain = run("chart", name, "-f", "plain").out.splitlines()

    for point in chart(kb, name).points:
        held = (point.row, point.detail, *(piece.text for piece in (*point.label, *point.said)))
        assert [each for each in plain if all(word in each for word in held)], held


@NAMES
def test_pictures_and_tables_hold_the_words_of_every_point(run: Run, kb: KnowledgeBase, name: str) -> None:
    shown = squeezed(words(drawn(run, name)))
    table = squeezed(re.sub(r"<[^>]*>", " ", run("chart", name, "-f", "html").out.partition("The same as a table")[2])
                     .replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&"))
    for point in chart(kb, name).points:
        in_table = (point.row, *(each.text for each in (*point.label, *point.said)))
        in_picture = in_table[:len(point.label) + 1] if name == "pipeline" else in_table
        assert [] == [each for each in in_picture if squeezed(each) not in shown]
        assert [] == [each for each in in_table if squeezed(each) not in table]


def squeezed(text: str) -> str:
    """Text without blanks, as lines break anywhere."""
    return re.sub(r"\s", "", text)


@NAMES
@pytest.mark.parametrize("format", ["svg", "plain"])
def test_a_chart_looks_as_it_did_when_somebody_looked_at_it(run: Run, golden: Golden, name: str, format: str) -> None:
    answer = run("chart", name, "-f", format, *SMALL)

    assert golden(f"chart-{name}.{'svg' if format == 'svg' else 'txt'}", answer.out) == answer.out


@NAMES
@pytest.mark.parametrize("format", ["table", "plain", "json", "csv", "markdown", "html", "svg"])
def test_a_base_without_trials_has_an_empty_chart(run: Run, tmp_path: Path, name: str, format: str) -> None:
    base = tmp_path / "empty.yaml"
    base.write_text("schema: 1\nas_of: 2026-01-01\n")
    answer = run("chart", name, "-f", format, "--data", base)

    assert (0, "") == (answer.code, answer.err)
    assert format != "json" or json.loads(answer.out)["count"] == 0


@pytest.mark.parametrize("args", [("chart", "nosuch"), ("chart",), ("list", "-f", "svg"),
                                  ("chart", "survival", "-f", "dot")])
def test_what_cannot_be_drawn_is_a_wrong_command_line(run: Run, args: tuple[str, ...]) -> None:
    answer = run(*args)

    assert (2, "") == (answer.code, answer.out)
    assert answer.err.strip()


# --- the picture -------------------------------------------------------------------------------------------------


@NAMES
def test_a_picture_is_xml_with_a_title_and_a_description_that_name_it(run: Run, name: str) -> None:
    root = drawn(run, name)
    title, description = root[0], root[1]

    assert (f"{SVG}svg", f"{SVG}title", f"{SVG}desc") == (root.tag, title.tag, description.tag)
    assert "img" == root.get("role")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text
    assert name != "survival" or CANNOT_BE_RANKED in (description.text or "")


@NAMES
def test_a_picture_names_its_sources_its_date_and_that_it_is_no_advice(
        run: Run, kb: KnowledgeBase, name: str) -> None:
    view = chart(kb, name)
    said = words(drawn(run, name))
    drawn_pieces = [piece for point in view.points
                    for piece in (*point.label, *(() if name == "pipeline" else point.said))]

    assert f"Not medical advice. Knowledge as of {kb.as_of}." in said
    assert [] == [ref for piece in drawn_pieces for ref in piece.refs if not re.search(rf"\] {re.escape(ref)}\b", said)]


@NAMES
def test_a_picture_asks_for_nothing_from_outside(run: Run, name: str) -> None:
    text = run("chart", name, "-f", "svg").out

    assert [] == re.findall(r"<script|href|url\(|@import|<image", text)
    assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?://[^\"<\s]+", text)


@NAMES
def test_type_is_never_smaller_than_eleven_pixels(run: Run, name: str) -> None:
    root = drawn(run, name)

    assert [] == [each.text for each in texts(root) if float(each.get("font-size", 0)) < 11]
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def boxes(root: ElementTree.Element) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right and bottom of every text, at the widest that it may get."""
    found = []
    for each in texts(root):
        size, text = float(each.attrib["font-size"]), each.text or ""
        width = breadth(text, size, bold="bold" in each.attrib["class"])
        left = float(each.attrib["x"]) - (width / 2 if each.get("text-anchor") == "middle" else 0)
        base = float(each.attrib["y"])
        found.append((left, base - size * 0.8, left + width, base + size * 0.22, text))
    return found


def overlapping(found: Iterable[tuple[float, float, float, float, str]]) -> list[tuple[str, str]]:
    return [(one[4], other[4]) for one, other in itertools.combinations(found, 2)
            if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]]


@NAMES
@pytest.mark.parametrize("more", [(), SMALL])
def test_labels_neither_overlap_nor_leave_the_sheet(run: Run, name: str, more: tuple[str | Path, ...]) -> None:
    root = drawn(run, name, *more)
    found = boxes(root)

    assert [] == overlapping(found)
    assert [] == [each for each in found if each[0] < 0 or each[2] > float(root.attrib["width"])
                  or each[3] > float(root.attrib["height"])]


def test_overlapping_labels_would_be_noticed() -> None:
    assert [("a", "b")] == overlapping([(0, 0, 10, 10, "a"), (9, 9, 19, 19, "b"), (10, 0, 20, 9, "c")])


@pytest.mark.parametrize("width", [40, 90, 300])
def test_no_line_is_wider_than_asked_and_no_letter_is_lost(width: int) -> None:
    text = "Pseudohypoparathyroidism in mesothelioma (NCT00000001), WWW and 漢字 [1, 2\u00a0B]"
    lines = wrapped(text, width, 11)

    assert [] == [each for each in lines if breadth(each, 11) > width]
    assert squeezed(text) == squeezed("".join(lines))


@pytest.mark.parametrize("palette", [LIGHT, LIGHT | DARK])
def test_words_and_signs_stand_out_from_their_ground(palette: dict[str, str]) -> None:
    for ground in ("paper", "band"):
        assert [] == [each for each in ("ink", "soft") if contrast(palette[each], palette[ground]) < 4.5]
        assert [] == [each for each in ("blue", "green", "red", "grey") if contrast(palette[each], palette[ground]) < 3]


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[start:start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@NAMES
def test_every_look_of_a_chart_has_a_shape_of_its_own(kb: KnowledgeBase, name: str) -> None:
    view = chart(kb, name)
    shapes = {(SHAPES[each][0], SHAPES[each][1].split()[0]) for each in SIGNS[name]}

    assert len(view.looks) == len(SIGNS[name]) == len(shapes)


def test_hostile_text_stays_text(run: Run, tmp_path: Path) -> None:
    more = tmp_path / "mine.yaml"
    more.write_text('schema: 1\ntrials:\n  evil:\n    name: "</title><script>\\u0001\\uFFFE]]>&amp;"\n'
                    "    therapy: gene-glow\n    phase: '1'\n    start: 2020\n    refs: [able-2020]\n")
    root = drawn(run, "timeline", *SMALL, "--with", more)

    assert "</title><script>]]>&amp; (evil)" in words(root)
    assert [] == list(root.iter(f"{SVG}script"))


@pytest.mark.heavy
@NAMES
@pytest.mark.parametrize("family", ["Liberation Sans", "DejaVu Sans"])
def test_labels_do_not_overlap_in_a_browser(run: Run, tmp_path: Path, name: str, family: str) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        pytest.skip("no chromium here; .ci/run installs it")
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><style>svg{{font-family:'{family}'}}</style>"
                    + run("chart", name, "-f", "svg").out + "<script>document.title = JSON.stringify("
                    "[...document.querySelectorAll('svg text')].map(each => { const box = each.getBBox();"
                    "return [box.x, box.y + box.height * .2, box.x + box.width, box.y + box.height * .9, "
                    "each.textContent]; }))</script>", encoding="utf-8")
    dom = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                           "--disable-background-networking", "--disable-component-update", "--disable-sync",
                           f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
                          capture_output=True, text=True, timeout=120, check=True).stdout
    found = json.loads(html.unescape(dom.partition("<head>")[2].partition("<title>")[2].partition("</title>")[0]))

    assert len(found) > 50
    assert [] == overlapping(found)


# --- the terminal ------------------------------------------------------------------------------------------------


@NAMES
@pytest.mark.parametrize("columns", [40, 60, 80, 100, 160])
def test_a_chart_fits_the_terminal_and_nothing_is_cut(
        run: Run, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, name: str, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = run("chart", name, "-f", "table").out

    assert [] == [each for each in out.splitlines() if len(each) > columns and not each.strip().startswith("http")]
    assert [] == [word for point in chart(kb, name).points for piece in point.label for word in piece.text.split()
                  if len(word) < 12 and word not in out]


@NAMES
def test_colour_adds_nothing_but_colour(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    without = run("chart", name, "-f", "table").out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run("chart", name, "-f", "table").out

    assert "\x1b" not in without
    assert "\x1b[" in coloured
    assert without == re.sub(r"\x1b\[[\d;]*m", "", coloured)


@NAMES
def test_a_terminal_that_knows_only_ascii_gets_ascii(kb: KnowledgeBase, name: str) -> None:
    from mesoref.render.plot import ASCII
    from mesoref.render.screen import write_table

    class Old(io.StringIO):
        encoding = "ascii"

    stream = Old()
    write_table(chart(kb, name), stream)

    assert [] == [each for each in stream.getvalue() if ord(each) in ASCII]
    assert len(set(ASCII.values())) > len(SIGNS[name])
    assert len({each.translate(ASCII) for each in SIGNS[name]}) == len(SIGNS[name])


def test_what_was_not_found_has_no_sign_on_the_scale(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    lines = run("chart", "timeline", "-f", "table", *SMALL).out.splitlines()
    row = {name: next(each for each in lines if each.startswith(name)) for name in
           ("Brief glow", "First glow", "Slow glow", "Late hum", "Lost hum")}

    assert re.search("├─+×", row["Brief glow"])
    assert "(●)" in row["First glow"]
    assert "▶··" in row["Slow glow"]
    assert "··●" in row["Late hum"]
    assert not re.search("[●▶×·(□]", row["Lost hum"].removeprefix("Lost hum (lost-hum)"))


def test_pictures_are_the_same_twice(kb: KnowledgeBase) -> None:
    assert [picture(chart(kb, each)) for each in CHARTS] == [picture(chart(kb, each)) for each in CHARTS]


def test_the_script_of_the_docs_makes_every_chart(tmp_path: Path) -> None:
    script = Path(__file__).parents[1] / "docs" / "make_pictures.py"
    subprocess.run([sys.executable, script, tmp_path, "charts"], check=True)

    assert {f"{each}.svg" for each in CHARTS} <= {each.name for each in tmp_path.iterdir()}


def test_every_status_has_its_sign_and_a_long_key_wraps(run: Run, kb: KnowledgeBase, tmp_path: Path) -> None:
    choice = kb.kind("trial").fields["status"].shape.structs[0].fields["value"].shape.choice
    assert choice
    more = tmp_path / "mine.yaml"
    more.write_text("schema: 1\ntrials:\n" + "".join(
        f"  with-{each}:\n    name: With {each}\n    therapy: gene-hum\n    phase: '1'\n    start: 2020\n"
        f"    status: {{value: {each}, refs: [able-2020]}}\n    refs: [able-2020]\n" for each in choice.labels))
    root = drawn(run, "timeline", *SMALL, "--with", more)
    plain = run("chart", "timeline", "-f", "table", *SMALL, "--with", more).out

    assert [] == overlapping(boxes(root))
    for label, sign in zip(choice.labels.values(), SIGNS["timeline"], strict=False):
        assert label in words(root)
        assert f"{sign} {label}" in plain.replace("\u00a0", " ")
