"""The verbs: what is picked, in which order it comes, what stands side by side, and what a name means."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import TINY, Run
from mesoref import values
from mesoref.errors import MesorefError, NotFoundError, UsageError
from mesoref.kb import KnowledgeBase, open_base
from mesoref.model import KINDS
from mesoref.queries.comparing import compare
from mesoref.queries.listing import list_
from mesoref.queries.showing import show

LONG = "people with a glow that no lamp had reached before, whatever had been tried, and who could come to every visit"
MANY = """\
schema: 1
as_of: 2026-01-02
trials:
  a-trial: {name: beta, phase: "3", enrolled: {value: 10, refs: [able-2020]}, start: 2019-05, countries: [Norway, Chad]}
  b-trial: {name: Alpha, phase: pilot, start: 2019, context: true, countries: [Norway]}
  c-trial: {name: émile, phase: "1/2", enrolled: {value: 9, refs: [able-2020]}, therapy: gene-glow,
            population: "LONG"}
  d-trial: {name: delta, phase: "1", enrolled: {value: 100, refs: [able-2020]}, agents: [lantern], therapy: gene-hum}
  e-trial: {name: zeta, phase: not-stated, start: 2020}
agents:
  lantern:
    {name: Lantern, aliases: [Torch], therapy: gene-glow, genes: [{gene: gfp, role: reporter, refs: [able-2020]}]}
terms:
  gfp-word: {name: A word, aliases: [gfp]}
  torch-word: {name: Torch}
  shine-1: {name: Shiny glow}
  shine-2: {name: Shiny glaw}
  shine-3: {name: Shiny glew}
  shine-4: {name: Shiny gliw}
""".replace("LONG", LONG)


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "many.yaml"
    path.write_text(MANY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def many(overlay: Path) -> KnowledgeBase:
    """The small base with more records over it."""
    return open_base(TINY, [overlay])


def listed(kb: KnowledgeBase, kind: str, *where: str, sort: str = "") -> list[str]:
    return [each.id for each in list_(kb, kind, where, sort).records]


# --- list: conditions ---


@pytest.mark.parametrize(("kind", "where", "expected"), [
    ("therapies", "stage=phase-1", ["gene-glow"]),
    ("therapies", "stage=Phase 1", ["gene-glow"]),
    ("therapies", "stage=cells or animals only", ["gene-hum"]),
    ("therapies", "Stage in mesothelioma=phase-1", ["gene-glow"]),
    ("therapies", "delivery=in the body", ["gene-glow"]),
    ("therapies", "trials=2", ["gene-glow"]),
    ("therapies", "level=b", ["gene-glow", "gene-hum"]),
    ("genes", "symbol=gfp", ["gfp"]),
    ("genes", "uniprot=p42212", ["gfp"]),
    ("trials", "context=true", ["b-trial"]),
    ("trials", "context=YES", ["b-trial"]),
    ("trials", "enrolled=10", ["NCT00000001", "a-trial"]),
    ("trials", "start=2019", ["a-trial", "b-trial"]),
    ("trials", "countries=norway", ["NCT00000001", "a-trial", "b-trial"]),
    ("trials", "therapy=gene-glow", ["NCT00000001", "c-trial"]),
    ("trials", "therapy=GLOWING", ["NCT00000001", "c-trial"]),
    ("trials", "agents=Lantern", ["d-trial"]),
    ("references", "year=2020", ["able-2020"]),
    ("vectors", "integrates=no", ["lamp-virus"]),
    ("risks", "id=sunburn", ["sunburn"]),
    ("trials", "id=nct 00000001", ["NCT00000001"]),
    ("trials", "Id=BETA", ["a-trial"]),
    ("trials", "context=no", ["NCT00000001", "a-trial", "c-trial", "d-trial", "e-trial"]),
    ("trials", f"population={LONG}", ["c-trial"]),
    ("trials", f"population={LONG.upper().replace(' ', '-')}", ["c-trial"]),
    ("trials", "refs=able-2020", ["NCT00000001"]),
])
def test_a_condition_is_a_field_with_a_value_or_its_label(many: KnowledgeBase, kind: str, where: str,
                                                         expected: list[str]) -> None:
    assert expected == listed(many, kind, where)


@pytest.mark.parametrize(("kind", "where", "expected"), [
    ("genes", "therapy=gene-glow", ["gfp"]),
    ("genes", "therapies=Glowing", ["gfp"]),
    ("therapies", "gene=GFP", ["gene-glow"]),
    ("therapies", "risk=sunburn", ["gene-glow", "gene-hum"]),
    ("risks", "therapy=gene-hum", ["sunburn"]),
    ("therapies", "trial=NCT00000001", ["gene-glow"]),
    ("therapies", "agent=Lantern", ["gene-glow"]),
    ("agents", "trial=d-trial", ["lantern"]),
    ("claims", "therapy=gene-glow", ["glow-cures"]),
    ("vectors", "reference=baker-2019", ["lamp-virus"]),
    ("references", "trial=NCT00000001", ["able-2020", "baker-2019"]),
])
def test_a_kind_in_a_condition_is_a_record_that_names_or_is_named(many: KnowledgeBase, kind: str, where: str,
                                                                 expected: list[str]) -> None:
    assert expected == listed(many, kind, where)


def test_all_conditions_must_hold(many: KnowledgeBase) -> None:
    assert listed(many, "trials", "countries=Norway", "enrolled=10") == ["NCT00000001", "a-trial"]
    assert listed(many, "trials", "countries=Norway", "enrolled=10", "therapy=gene-glow") == ["NCT00000001"]
    assert listed(many, "trials", "countries=Norway", "context=yes", "enrolled=10") == []


@pytest.mark.parametrize(("where", "error", "said"), [
    ("colour=green", UsageError, "have no field 'colour'"),
    ("phase=9", UsageError, "one of pilot, 1, 1/2"),
    ("context=perhaps", UsageError, "true or false, not 'perhaps'"),
    ("enrolled", UsageError, "FIELD=VALUE"),
    ("therapy=nothing", NotFoundError, "no record named 'nothing'"),
    ("gene=gene-glow", NotFoundError, "a therapy, not a gene"),
    ("id=gene-glow", NotFoundError, "a therapy, not a trial"),
    ("id=nothing", NotFoundError, "no record named 'nothing'"),
    ("results=side effects", UsageError, "are searched: try mesoref search 'side effects' --kind trials"),
    ("What became of it=fever", UsageError, "`outcome` holds statements, which are searched"),
    ("dosing=", UsageError, "`dosing` holds statements"),
])
def test_a_condition_that_cannot_be_meant_is_refused(many: KnowledgeBase, where: str, error: type[MesorefError],
                                                    said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        listed(many, "trials", where)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_is_found_by_whatever_it_holds_but_statements(kb: KnowledgeBase, kind: str) -> None:
    record = max(kb.all(kind), key=lambda each: len(each.text))
    values_of = {key: field.shape.lead_of(each)[1] for key, field in record.fields.items() if field.shape.pickable
                 for each in field.items(record.data)}
    missed = [key for key, value in values_of.items() if record.id not in listed(kb, kind, f"{key}={value}")]

    assert missed == []


def test_without_a_kind_the_approaches_are_listed(tiny: KnowledgeBase) -> None:
    assert listed(tiny, "") == listed(tiny, next(iter(KINDS)))


# --- list: order and columns ---


@pytest.mark.parametrize(("sort", "expected"), [
    ("", "NCT00000001 a-trial b-trial c-trial d-trial e-trial"),
    ("-id", "e-trial d-trial c-trial b-trial a-trial NCT00000001"),
    ("phase", "b-trial NCT00000001 d-trial c-trial a-trial e-trial"),
    ("-phase", "e-trial a-trial c-trial NCT00000001 d-trial b-trial"),
    ("enrolled", "c-trial NCT00000001 a-trial d-trial b-trial e-trial"),
    ("-enrolled", "d-trial NCT00000001 a-trial c-trial b-trial e-trial"),
    ("name", "b-trial a-trial d-trial c-trial NCT00000001 e-trial"),
    ("start", "b-trial a-trial e-trial NCT00000001 c-trial d-trial"),
    ("Also called", "NCT00000001 a-trial b-trial c-trial d-trial e-trial"),
])
def test_order_is_that_of_the_set_the_number_or_the_letters_and_what_is_missing_comes_last(
        many: KnowledgeBase, sort: str, expected: str) -> None:
    assert expected.split() == listed(many, "trials", sort=sort)


def test_a_kind_has_its_own_order(many: KnowledgeBase) -> None:
    terms = list_(many, "terms").records

    assert [each.title for each in terms] == sorted((each.title for each in terms), key=str.casefold)


def test_an_order_by_nothing_known_is_refused(tiny: KnowledgeBase) -> None:
    with pytest.raises(UsageError, match="have no field 'colour'"):
        listed(tiny, "genes", sort="colour")


def test_columns_come_in_the_order_asked_for_by_key_or_label(tiny: KnowledgeBase) -> None:
    assert list_(tiny, "genes", columns=["roles", "Symbol", "id", "uni prot"]).columns == (
        "roles", "symbol", "id", "uniprot")


def test_an_unknown_column_is_refused_with_those_there_are(tiny: KnowledgeBase) -> None:
    with pytest.raises(UsageError, match=r"have no field 'colour'; they have id, name, .*symbol"):
        list_(tiny, "genes", columns=["id", "colour"])


def test_nothing_that_matches_is_no_answer(run: Run) -> None:
    assert run("list", "genes", "--where", "symbol=none", "--data", TINY).code == 1


# --- compare ---


def test_rows_come_in_the_order_of_the_fields_whatever_the_order_of_the_records(tiny: KnowledgeBase) -> None:
    one, other = (compare(tiny, names) for names in (["gene-glow", "gene-hum"], ["gene-hum", "gene-glow"]))
    keys = [row.key for row in one.rows]

    assert one.rows == other.rows
    assert keys == [key for key in one.kind.fields if key in keys]
    assert [each.id for each in one.records] == list(reversed([each.id for each in other.records]))


def test_rows_are_what_any_of_the_records_knows(tiny: KnowledgeBase) -> None:
    rows = {row.key for row in compare(tiny, ["gene-hum", "gene-glow"]).rows}

    assert {"stage", "unknowns", "genes", "vectors"} <= rows
    assert not {"id", "name", "plain", "questions", "history", "strengths"} & rows


def test_records_agree_whoever_says_so(many: KnowledgeBase) -> None:
    rows = {row.key: row.same for row in compare(many, ["NCT00000001", "a-trial"]).rows}

    assert (True, False, False) == (rows["enrolled"], rows["phase"], rows["countries"])


DATED = """\
schema: 1
trials:
  one: {name: One, phase: "1", status: {value: recruiting, as_of: 2021, refs: [able-2020]}}
  two: {name: Two, phase: "1", status: {value: recruiting, as_of: 2025-07, refs: [able-2020]}}
"""


@pytest.mark.parametrize("diff", [(), ("--diff",)])
@pytest.mark.parametrize(("format", "marks"), [
    ("plain", ["Status (different):", "    recruiting (as of 2021)", "    recruiting (as of 2025-07)"]),
    ("csv", ["Status,no,recruiting (as of 2021)"]), ("tsv", ["Status\tno\trecruiting (as of 2021)"]),
    ("json", ['"field": "status", "label": "Status", "same": false']),
    ("markdown", ["| **Status** (different) | recruiting (as of 2021)"]),
    ("html", ["<small>different</small>", "<li>recruiting (as of 2021)"]),
    ("table", ["different", "  recruiting (as of 2021)"]),
])
def test_values_of_different_dates_are_not_the_same(run: Run, tmp_path: Path, format: str, marks: list[str],
                                                    diff: tuple[str, ...]) -> None:
    (tmp_path / "dated.yaml").write_text(DATED, encoding="utf-8")
    out = run("compare", "one", "two", "--field", "status", *diff, "-f", format, "--data", TINY,
              "--with", tmp_path / "dated.yaml").out
    shown = json.dumps(json.loads(out)) if format == "json" else out

    assert [] == [each for each in marks if each not in shown]


@pytest.mark.parametrize("full", [True, False])
def test_a_row_is_the_same_where_all_that_stands_in_it_is_marked(kb: KnowledgeBase, full: bool) -> None:
    for kind in KINDS.values():
        records = [each.id for each in kb.all(kind.name)]
        for ids in itertools.pairwise(records):
            for _, agreement, cells in values.compared(compare(kb, ids, full=full)):
                assert (agreement == "same") is all(shared for cell in cells for _, shared in cell)
                marks = [[shared for _, shared in cell] for cell in cells]
                assert full or marks == [sorted(each, reverse=True) for each in marks]


def test_only_what_differs_is_left_with_diff(many: KnowledgeBase) -> None:
    whole, differing = (compare(many, ["NCT00000001", "a-trial"], diff=diff).rows for diff in (False, True))

    assert differing == tuple(row for row in whole if not row.same)
    assert 0 < len(differing) < len(whole)


def test_what_all_share_comes_first_and_is_marked(many: KnowledgeBase) -> None:
    view = compare(many, ["a-trial", "b-trial", "NCT00000001"], fields=["countries"])
    cells = next(cells for _, _, cells in values.compared(view))

    assert [[("Norway", True), ("Chad", False)], [("Norway", True)], [("Norway", True)]] == [
        [(piece.text, shared) for piece, shared in cell] for cell in cells]


def test_the_same_risk_said_differently_is_shared(tiny: KnowledgeBase) -> None:
    view = compare(tiny, ["gene-glow", "gene-hum"])
    cells = {label: cells for label, _, cells in values.compared(view)}["Risks"]

    assert [[("Sunburn", True)], [("Sunburn", True)]] == [[(piece.text, shared) for piece, shared in cell]
                                                         for cell in cells]


@pytest.mark.parametrize("args", [{"full": True}, {"fields": ["risks"]}])
def test_links_are_named_alone_unless_more_is_asked_for(tiny: KnowledgeBase, args: dict[str, bool]) -> None:
    view = compare(tiny, ["gene-glow", "gene-hum"], **args)  # type: ignore[arg-type]
    cells = {label: cells for label, _, cells in values.compared(view)}["Risks"]

    assert cells[0][0][0].text == "Sunburn: Seen in 2 of 10 people."


@pytest.mark.parametrize("format", ["plain", "table", "markdown", "html", "csv", "tsv"])
def test_a_gap_says_so_in_every_format(run: Run, format: str) -> None:
    answer = run("compare", "gene-glow", "gene-hum", "--field", "unknowns", "--data", TINY, "-f", format)

    assert "not found" in answer.out


def test_fields_come_as_asked_for_even_those_that_are_else_left_out(tiny: KnowledgeBase) -> None:
    rows = compare(tiny, ["gene-glow", "gene-hum"], fields=["Questions for the care team", "plain", "stage"]).rows

    assert [row.key for row in rows] == ["questions", "plain", "stage"]


@pytest.mark.parametrize(("names", "said"), [
    (["gene-glow"], "2 to 5 records, not 1"),
    (["gene-glow"] * 6, "2 to 5 records, not 6"),
    (["gene-glow", "Glowing"], "with itself"),
    (["gene-glow", "gfp"], "gene-glow is a therapy, gfp is a gene"),
])
def test_what_cannot_stand_side_by_side_is_refused(tiny: KnowledgeBase, names: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        compare(tiny, names)


# --- show ---


def test_a_record_tells_who_names_it(tiny: KnowledgeBase) -> None:
    groups = show(tiny, ["able-2020"]).profiles[0].groups

    assert {"therapy": ["gene-glow"], "gene": ["gfp"], "risk": ["sunburn"], "trial": ["NCT00000001"],
            "claim": ["glow-cures"]} == {group.kind.name: [line.id for line in group.lines] for group in groups}
    assert [group.kind.name for group in groups] == [name for name in KINDS if name in {g.kind.name for g in groups}]


def test_what_only_follows_from_others_is_worked_out(many: KnowledgeBase) -> None:
    glow, hum = many.get(["gene-glow", "gene-hum"]).values()

    assert [("B", 2, 9, 1), ("B", 1, None, 0)] == [
        tuple(each.data[key] for key in ("level", "trials", "treated", "telling")) for each in (glow, hum)]


@pytest.mark.parametrize(("id", "level"), [
    ("able-2020", "B"), ("baker-2019", "D"), ("NCT00000001", "B"), ("lamp-virus", "D"), ("glow-term", "D"),
    ("glow-cures", "B"), ("sunburn", "B"), ("gene-glow", "B"), ("gene-hum", "D"),
])
def test_a_level_is_the_best_among_the_sources(tiny: KnowledgeBase, id: str, level: str) -> None:
    assert level == tiny.find(id).data["level"]


def test_every_statement_carries_its_own_level(tiny: KnowledgeBase) -> None:
    data = tiny.find("gene-glow").data

    assert ("B", "D") == (data["plain"][0]["level"], data["unknowns"][0]["level"])


@pytest.mark.parametrize("id", ["gene-glow", "NCT00000001", "glow-cures"])
def test_footnotes_are_numbered_as_they_appear_and_listed_so(run: Run, tiny: KnowledgeBase, id: str) -> None:
    body, _, sources = run("show", id, "--data", TINY).out.partition("\nSources:\n")
    marks = [int(number) for mark in re.findall(r"\[\d[^\]]*\]", body) for number in re.findall(r"\d+", mark)]

    assert list(dict.fromkeys(marks)) == list(range(1, len(set(marks)) + 1))
    assert re.findall(r"^  \[(\d+)\]", sources, re.MULTILINE) == [str(each) for each in range(1, len(set(marks)) + 1)]
    titles = [tiny.find(each).title for each in dict.fromkeys(refs_of(tiny.find(id).data))]
    assert titles == sorted(titles, key=sources.index)


def refs_of(value: object) -> list[str]:
    """The references of a body, in the order in which they stand."""
    if isinstance(value, dict):
        own = [each for key in ("refs", "against") for each in value.get(key, ())]
        return [*[each for inner in value.values() for each in refs_of(inner)], *own]
    return [each for inner in value for each in refs_of(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(("id", "mark"), [
    ("gene-glow", "Nobody knows how long it glows. [2 D]"),
    ("lamp-virus", "stays outside [1 D, excerpt]"),
    ("NCT00000001", "n = 9; all treated [1 B; against: 2]"),
    ("gfp", "GFP"),
])
def test_a_statement_ends_with_its_source_level_and_reading(run: Run, id: str, mark: str) -> None:
    assert mark in run("show", id, "--data", TINY).out


# --- names ---


def test_a_name_of_several_records_lists_them_and_opens_none(run: Run, overlay: Path) -> None:
    answer = run("show", "shiny glow", "--data", TINY, "--with", overlay)
    unclear = run("show", "Beta", "--data", TINY, "--with", overlay, "--with", double(overlay))

    assert answer.code == 0
    assert (1, "") == (unclear.code, unclear.out)
    assert "'Beta' can mean 2 records" in unclear.err
    assert "a-trial  (trial) beta" in unclear.err
    assert "beta-word  (term) Beta" in unclear.err


def double(overlay: Path) -> Path:
    path = overlay.with_name("double.yaml")
    path.write_text("schema: 1\nterms:\n  beta-word: {name: Beta}\n")
    return path


@pytest.mark.parametrize(("name", "id"), [
    ("gfp", "gfp"),
    ("torch", "torch-word"),
    ("Ｇｌｏｗｉｎｇ", "gene-glow"),
    ("  gene   GLOW ", "gene-glow"),
    ("emile", "c-trial"),
    ("UNIPROT:P42212", "gfp"),
    ("doi:10.1000/GLOW", "able-2020"),
])
def test_an_id_goes_before_a_title_and_a_title_before_an_alias(many: KnowledgeBase, name: str, id: str) -> None:
    assert id == many.find(name).id


@pytest.mark.parametrize("name", ["shiny gluw", "gene-glo", "gene", "nothing like it", "", "***", "x" * 5000])
def test_no_name_is_guessed_and_at_most_three_are_suggested(many: KnowledgeBase, name: str) -> None:
    with pytest.raises(NotFoundError, match="no record named"):
        many.find(name)

    assert len(many.suggest(name)) <= 3


def test_the_nearest_names_are_suggested(many: KnowledgeBase) -> None:
    near = many.suggest("shiny gluw")

    assert len(near) == 3
    assert {each.partition("-")[0] for each in near} == {"shine"}
    assert many.suggest("lampvirs") == ["lamp-virus"]
    assert many.suggest("nothing like it") == []


@pytest.mark.parametrize(("name", "expected"), [
    ("suicide", "suicide-gene"), ("nadofaragene", "nadofaragene-firadenovec")])
def test_names_that_begin_so_are_suggested_but_never_opened(run: Run, name: str, expected: str) -> None:
    answer = run("show", name)

    assert (1, "") == (answer.code, answer.out)
    assert expected in answer.err.partition("did you mean")[2]


def test_one_unknown_name_among_others_opens_none(run: Run) -> None:
    answer = run("show", "gfp", "nosuch", "--data", TINY)

    assert (1, "") == (answer.code, answer.out)


# --- completion ---

Offers = Callable[..., list[str]]


@pytest.fixture(params=["bash", "zsh", "fish"])
def offers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, run: Run) -> Offers:
    """What a shell is offered after a line, asked as its script asks."""
    shell: str = request.param

    def ask(line: str) -> list[str]:
        monkeypatch.setenv("_MESOREF_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        monkeypatch.setenv("MESOREF_DATA", str(TINY))
        answer = run()
        assert answer.err == ""
        if shell == "zsh":
            return re.findall(r"""^(?:_arguments .\*: :\(\()?"(.*?)"(?::".*"|)(?:\)\)')?$""", answer.out, re.MULTILINE)
        return [each.partition("\t")[0] for each in answer.out.splitlines() if each]

    return ask


@pytest.mark.parametrize(("line", "expected"), [
    ("mesoref sh", "show"),
    ("mesoref list ref", "references"),
    ("mesoref show gene-", "gene-glow gene-hum"),
    ("mesoref show gene-glow gene-", "gene-hum"),
    ("mesoref show NCT", "NCT00000001"),
    ("mesoref compare gene-glow g", "gene-hum"),
    ("mesoref compare gene-glow gene-hum --field st", "stage strengths steps statements"),
    ("mesoref list genes --sort sy", "symbol"),
    ("mesoref list genes --columns id,sy", "id,symbol"),
    ("mesoref list genes --where ro", "roles="),
    ("mesoref list genes --where roles=", "roles=reporter"),
    ("mesoref list genes --where ther", "therapy="),
    ("mesoref list genes --where l", "location= local= level="),
    ("mesoref list genes --where f", ""),
    ("mesoref list genes --where id=g", "id=gfp"),
    ("mesoref list trials --where context=", "context=false"),
    ("mesoref list genes --where therapy=gene-g", "therapy=gene-glow"),
    ("mesoref list trials --where phase=1 --where status=c", "status=completed"),
    ("mesoref list -f ma", "markdown"),
])
def test_every_shell_is_offered_what_can_stand_there(offers: Offers, line: str, expected: str) -> None:
    assert expected.split() == offers(line)


def test_every_kind_is_offered(offers: Offers) -> None:
    assert [each.plural for each in KINDS.values()] == offers("mesoref list ")


def test_completion_asks_the_base_that_the_line_names(offers: Offers, overlay: Path) -> None:
    assert ["shine-1", "shine-2", "shine-3", "shine-4"] == offers(f"mesoref show --with {overlay} shine")


def test_a_base_that_cannot_be_read_offers_nothing_and_says_nothing(offers: Offers, tmp_path: Path) -> None:
    assert [] == offers(f"mesoref show --data {tmp_path / 'none.yaml'} gene")


def test_brackets_in_a_title_stay_beside_its_id(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    for name, value in {"_MESOREF_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args",
                        "_TYPER_COMPLETE_ARGS": "mesoref show able", "MESOREF_DATA": str(TINY)}.items():
        monkeypatch.setenv(name, value)

    assert run().out == "able-2020\tGlow (part 1): β & µ\n"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes(tmp_path: Path) -> None:
    line = json.dumps(["mesoref", "show", "--data", str(TINY), "gene-g"]).strip("[]").replace(",", "")
    program = tmp_path / "mesoref"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mesoref "$@"\n')
    program.chmod(0o755)
    script = (f'PATH="{tmp_path}:$PATH"; eval "$(_MESOREF_COMPLETE=source_bash mesoref)"; '
              f'COMP_WORDS=({line}); COMP_CWORD=4; _mesoref_completion mesoref; echo "${{COMPREPLY[@]}}"')
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)

    assert ("gene-glow\n", "") == (done.stdout, done.stderr)


def test_links_that_stand_by_their_names_agree_by_their_names(tiny: KnowledgeBase) -> None:
    by_name = compare(tiny, ["gene-glow", "gene-hum"], fields=(), full=False)
    whole = compare(tiny, ["gene-glow", "gene-hum"], fields=(), full=True)

    assert [each.same for each in by_name.rows if each.key == "risks"] == [True]
    assert [each.same for each in whole.rows if each.key == "risks"] == [False]


# --- what is told of trials ---

TOLD = """\
schema: 1
as_of: 2026-01-02
references:
  able-2020: {type: trial, title: Glow, access: abstract, pmid: '1'}
  wide-2021: {type: randomized-trial, title: Later, access: abstract, pmid: '2'}
  book-2022: {type: registry, title: Record, access: full-text, pmid: '3'}
therapies:
  glow: {name: Glow, stage: {value: phase-1, refs: [able-2020]}}
trials:
  counted:
    {name: Counted, therapy: glow, phase: '1', enrolled: {value: 5, refs: [able-2020]}, refs: [able-2020],
     status: {value: completed, refs: [book-2022], as_of: 2024-05},
     outcome: [{text: A larger one followed., refs: [wide-2021]}]}
  registered:
    {name: Registered, therapy: glow, phase: '1', status: {value: recruiting, refs: [book-2022]}, refs: [book-2022]}
  elsewhere: {name: Elsewhere, therapy: glow, phase: '1', context: true, refs: [able-2020]}
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    (tmp_path / "told.yaml").write_text(TOLD)
    return tmp_path / "told.yaml"


def test_the_level_of_a_trial_is_that_of_what_was_found_and_counted_in_it(run: Run, told: Path) -> None:
    shown = {each["id"]: each["level"] for each in json.loads(run("list", "trials", "--data", told, "-f", "json").out)[
        "records"]}

    assert {"counted": "B", "registered": "E", "elsewhere": None} == shown


@pytest.mark.parametrize(("value", "expected"), [("false", ["counted", "registered"]), ("yes", ["elsewhere"])])
def test_an_answer_that_nobody_gave_is_no(run: Run, told: Path, value: str, expected: list[str]) -> None:
    answer = run("list", "trials", "--where", f"context={value}", "--data", told, "-f", "json")

    assert expected == [each["id"] for each in json.loads(answer.out)["records"]]


@pytest.mark.parametrize("words", [("list", "trials", "--columns", "id,status"), ("show", "registered", "counted"),
                                   ("links", "glow")])
def test_a_status_is_told_with_its_date_or_that_it_has_none(run: Run, told: Path, words: tuple[str, ...]) -> None:
    answer = run(*words, "--data", told)

    assert "recruiting (date not known)" in answer.out
    assert re.search(r"completed \((as of )?2024-05\)", answer.out)


def test_a_status_without_a_date_is_always_stale(run: Run, told: Path) -> None:
    assert "status of 'registered' has no date: add `as_of`" in run("check", told, "--stale", "99999").out


@pytest.mark.parametrize("condition", ["status!=completed", "enrolled>=20", "enrolled<=20", "status~=x", "status==x"])
def test_a_condition_that_there_is_none_of_is_refused(run: Run, condition: str) -> None:
    answer = run("list", "trials", "--where", condition)

    assert (2, "") == (answer.code, answer.out)
    assert f"a condition is FIELD=VALUE, not {condition!r}" in answer.err


def test_a_text_that_matches_nothing_whole_is_sent_to_the_search(run: Run) -> None:
    answer = run("list", "trials", "--where", "sponsor=Penn")

    assert (1, "") == (answer.code, answer.out)
    assert "`sponsor` matches whole: for words in it, mesoref search Penn --kind trial" in answer.err


def test_a_year_finds_its_days(run: Run) -> None:
    found = json.loads(run("list", "trials", "--where", "start=2013", "-f", "json").out)["records"]

    assert found
    assert {"2013"} == {each["start"][:4] for each in found}
    assert any(len(each["start"]) > 4 for each in found)
