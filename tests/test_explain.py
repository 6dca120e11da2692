"""A record in plain words: what is chosen, in which order, and that nothing is said that no record says."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import TINY, Run
from mesoref import values
from mesoref.kb import KnowledgeBase, open_base
from mesoref.model import KINDS
from mesoref.queries.explaining import MOST, MOST_COUNTED, explain
from mesoref.queries.wording import occurring, sentences
from mesoref.render import writer
from mesoref.schema import Record
from mesoref.views import Piece, Profiles, Section

THERAPIES = [each.id for each in open_base().all("therapies")]
TWO_SCREENS = 106

MORE = """
schema: 1
agents:
  lantern:
    name: Lantern
    therapy: gene-blink
    plain: [{text: A lantern., refs: [able-2020]}]
risks:
  glare:
    name: Glare
    plain: [{text: With Lantern people blinked. It passed., refs: [able-2020]}]
therapies:
  gene-blink:
    name: Blink gene transfer
    plain: [{text: A gene makes people blink., refs: [able-2020]}]
    stage: {value: phase-1, refs: [able-2020]}
    risks: [{risk: glare, text: Two people blinked., refs: [able-2020]}]
  gene-shine:
    name: Shine gene transfer
    plain:
      - {text: "A gene makes Lamp viruses shine, e.g. at night. Nobody knows why the PD-1 of PD is left.",
         refs: [able-2020]}
    stage: {value: phase-1, refs: [able-2020]}
    risks:
      - {risk: glare, text: Two people closed their eyes. Both opened them., refs: [baker-2019]}
      - {risk: sunburn, text: None was seen., refs: [baker-2019]}
    questions: ["Will it shine?"]
terms:
  lamp-word:
    name: Lamp virus
    aliases: [LV, burning virus]
    definition: [{text: A virus that lights. It is one., refs: [baker-2019]}]
  dark-word:
    name: Past darkness
    aliases: [PD]
    definition: [{text: No light., refs: [baker-2019]}]
"""


@pytest.fixture(scope="module")
def shining(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The small base with what is hard to explain."""
    path = tmp_path_factory.mktemp("more") / "more.yaml"
    path.write_text(MORE, encoding="utf-8")
    return open_base(TINY, [path])


def sections(view: Profiles) -> dict[str, list[str]]:
    """The texts of an explanation by heading."""
    return {section.label: [each.text for each in cell]
            for section, cell in values.filled(view.profiles[0], view.context)}


def lines(view: Profiles, monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    writer("table")(view, stream)
    return stream.getvalue().splitlines()


def pieces(view: Profiles) -> Iterator[tuple[Section, Piece]]:
    for profile in view.profiles:
        for section, cell in values.filled(profile, view.context):
            yield from ((section, each) for each in cell)


def test_what_is_feared_comes_before_anything_but_what_it_is(kb: KnowledgeBase) -> None:
    assert ["What it is", "How far it has come", "What can go wrong", "What nobody knows yet",
            "Trials in mesothelioma, and where they stand", "Words used", "Questions for the care team"] == list(
        sections(explain(kb, ["car-t"])))


@pytest.mark.parametrize("id", THERAPIES)
def test_a_therapy_fits_two_screens(kb: KnowledgeBase, id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = lines(explain(kb, [id]), monkeypatch, 100)

    assert shown.index("Sources") <= TWO_SCREENS


@pytest.mark.parametrize("id", THERAPIES)
def test_every_risk_and_question_of_a_therapy_is_named(kb: KnowledgeBase, id: str) -> None:
    record, shown = kb.find(id), sections(explain(kb, [id]))
    risks = kb.get(each["risk"] for each in record.data["risks"]).values()

    assert [] == [each.title for each in risks if each.title not in " ".join(shown["What can go wrong"])]
    assert record.data["questions"] == shown["Questions for the care team"]


@pytest.mark.parametrize("id", THERAPIES)
def test_the_trials_are_those_that_are_counted_or_pointed_to(kb: KnowledgeBase, id: str) -> None:
    told = sections(explain(kb, [id]))["Trials in mesothelioma, and where they stand"]
    count = kb.find(id).data["trials"]

    if count > MOST_COUNTED:
        more = f"And {count - MOST_COUNTED} more: mesoref list trials --where therapy={id} --where context=false"
        assert [more] == told[MOST_COUNTED:]
    else:
        assert len(told) == (count or 1)


@pytest.mark.parametrize("id", THERAPIES)
def test_no_trial_that_may_still_be_joined_is_left_out(kb: KnowledgeBase, id: str) -> None:
    told = " ".join(sections(explain(kb, [id]))["Trials in mesothelioma, and where they stand"])
    trials = [each for each in kb.select("trial", linked=[id]).values()
              if each.data["therapy"] == id and not each.data["context"]]

    assert [] == [each.id for each in trials if f"({each.id})" not in told and each.data["status"]
                  and each.data["status"]["value"] in ("not-yet-recruiting", "recruiting")]


def stated(record: Record, context: object) -> Iterator[Piece]:
    for key, field in record.fields.items():
        if field.shape.structs:
            yield from values.cell(record, key, context)  # type: ignore[arg-type]


@pytest.mark.parametrize("id", THERAPIES)
def test_nothing_goes_beyond_the_records(kb: KnowledgeBase, id: str) -> None:
    """Whatever has sources stands so in a record, on the same sources, a name before it apart."""
    view = explain(kb, [id])
    known = [each for kind in KINDS.values() if not kind.citable for record in kb.all(kind.name)
             for each in stated(record, view.context)]
    for section, piece in pieces(view):
        if piece.refs and not section.label.startswith("Trials"):
            texts = [each.text for each in known if each.refs == piece.refs and each.level == piece.level]
            said = piece.text.partition(": ")[2] or piece.text
            assert [each for each in texts if piece.text in each or said in each]


@pytest.mark.parametrize("kind", KINDS)
def test_records_of_every_kind_are_explained_in_every_width(
        kb: KnowledgeBase, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for record in kb.all(kind)[:3]:
        view = explain(kb, [record.id])
        cited = {ref for _, piece in pieces(view) for ref in (*piece.refs, *piece.against)}
        for columns in (40, 60, 100, 160):
            shown = lines(view, monkeypatch, columns)
            assert columns >= max(len(each) for each in shown if " " in each.strip())
            assert "Not medical advice. Knowledge as of" in shown[-1] + shown[-2]

        assert cited == set(view.context.references)
        assert sections(view)


def test_a_term_is_defined_and_shown_in_use(kb: KnowledgeBase) -> None:
    shown = sections(explain(kb, ["bystander-effect"]))

    assert ["What it means", "See also", "Where the word is used"] == list(shown)[:3]
    assert shown["Where the word is used"][0].startswith("Suicide gene therapy: ")
    assert all("bystander effect" in each.lower() for each in shown["Where the word is used"])


def test_a_claim_has_its_verdict_and_what_is_right(kb: KnowledgeBase) -> None:
    shown = sections(explain(kb, ["kymriah-only-leukemia"]))

    assert ["Verdict", "What is right", "What it is about"] == list(shown)[:3]
    assert ["outdated"] == shown["Verdict"]


def test_a_source_tells_what_it_is_how_it_was_read_and_what_rests_on_it(kb: KnowledgeBase) -> None:
    view = explain(kb, ["adusumilli-2021"])
    shown = sections(view)
    resting = [piece for section, piece in pieces(view) if section.key == "cited"]

    assert ["clinical trial"] == shown["What kind of source it is"]
    assert ["abstract read"] == shown["How much of it was read"]
    assert all("adusumilli-2021" in each.refs for each in resting[:-1])
    assert "more: mesoref links adusumilli-2021" in resting[-1].text


def test_a_gene_tells_where_it_is_used(kb: KnowledgeBase) -> None:
    assert "CAR T-cell therapy (car-t)" in sections(explain(kb, ["msln"]))["Therapies that name it"]


def test_a_risk_is_told_by_its_own_first_sentence(shining: KnowledgeBase) -> None:
    told = explain(shining, ["gene-blink"]), explain(shining, ["gene-shine"])

    assert ["Glare: With Lantern people blinked."] == sections(told[0])["What can go wrong"]
    assert "Sunburn" == sections(told[1])["What can go wrong"][1]


def test_a_risk_that_tells_of_another_product_is_told_as_it_was_seen_here(shining: KnowledgeBase) -> None:
    assert "Glare: Two people closed their eyes." == sections(explain(shining, ["gene-shine"]))["What can go wrong"][0]


def test_words_are_those_that_occur_and_an_abbreviation_needs_its_capitals_alone(shining: KnowledgeBase) -> None:
    assert ["Lamp virus: A virus that lights.", "Past darkness (PD): No light."] == sections(
        explain(shining, ["gene-shine"]))["Words used"]


@pytest.mark.parametrize(("text", "found"), [
    ("two T cells", ["T cell"]), ("a T-cell receptor", ["T-cell receptor"]), ("T cell; receptor", ["T cell"]),
    ("an arm", ["Arm"]), ("ARMS", ["Arm"]), ("harm", []), ("PD-1", []), ("anti-PD", []), ("a PD", ["PD"]),
    ("a pd", []), ("T cells and PD.", ["T cell", "PD"]), ("", []), ("T\ncell", []),
])
def test_names_are_found_as_whole_words_the_longest_first(text: str, found: list[str]) -> None:
    names = {"tcell": [("T cell", "t")], "tcellreceptor": [("T-cell receptor", "r")], "arm": [("Arm", "a")],
             "pd": [("PD", "p")]}

    assert found == [name for _, name in occurring(text, names)]


@pytest.mark.parametrize(("text", "expected"), [
    ("One. Two.", ["One.", "Two."]), ("One", ["One"]), ("", [""]),
    ("In 1 of 2, e.g. Ann, it rose. It fell.", ["In 1 of 2, e.g. Ann, it rose.", "It fell."]),
    ("See Smith et al. The end.", ["See Smith et al. The end."]),
    ("He said “no.” She left.", ["He said “no.”", "She left."]),
    ("It was 1.5 mg. 3 people had it.", ["It was 1.5 mg.", "3 people had it."]),
    ("With E. Coli it worked (60%). Then not.", ["With E. Coli it worked (60%).", "Then not."]),
    ("Why? Because! It is.", ["Why?", "Because!", "It is."]),
])
def test_a_text_is_parted_between_sentences_and_never_within(text: str, expected: list[str]) -> None:
    assert expected == sentences(text)


@pytest.mark.parametrize("format", ["plain", "table", "markdown", "html"])
def test_every_way_of_reading_ends_with_the_sources_and_the_warning(run: Run, format: str) -> None:
    answer = run("explain", "gene-glow", "--data", TINY, "-f", format)

    assert answer.out.index("Questions for the care team") < answer.out.index("Sources")
    assert answer.out.rindex("Sources") < answer.out.rindex("Not medical advice. Knowledge as of 2026-01-02.")


def test_json_holds_each_statement_with_its_sources(run: Run) -> None:
    answer = json.loads(run("explain", "gene-glow", "--data", TINY, "-f", "json").out)
    [record] = answer["records"]

    assert ("gene-glow", "What it is") == (record["id"], record["sections"][0]["label"])
    assert {"text": "A gene makes cells glow.", "refs": ["able-2020"], "level": "B", "seen": "",
            "against": []} == record["sections"][0]["items"][0]
    assert {"able-2020", "baker-2019"} == set(answer["references"])


def test_several_records_share_their_sources(run: Run) -> None:
    answer = run("explain", "gene-glow", "gfp", "--data", TINY)

    assert 1 == answer.out.count("Sources:\n")


def test_an_unknown_name_is_not_explained(run: Run) -> None:
    assert (1, "") == run("explain", "glowing-thing", "--data", TINY)[:2]


@pytest.mark.parametrize("name", ["x'; touch owned; echo 'y", "x $(touch owned) y", "x `touch owned` y", 'x "y" z'])
def test_a_command_that_is_suggested_holds_the_name_as_one_word(run: Run, tmp_path: Path, name: str) -> None:
    base = {"schema": 1, "terms": {"evil": {"name": name, "aliases": ["EVIL"]}}, "references": {
        "web": {"type": "web", "title": "T", "access": "full-text", "url": "https://example.org"}}, "genes": {
        f"gene-{number}": {"name": f"G{number}", "symbol": f"S{number}", "roles": ["reporter"], "refs": ["web"],
                           "statements": [{"text": "EVIL stands here.", "refs": ["web"]}]}
        for number in range(MOST + 1)}}
    (tmp_path / "evil.yaml").write_text(json.dumps(base), encoding="utf-8")
    more = run("explain", "evil", "--data", tmp_path / "evil.yaml", "-f", "plain").out.partition("And more: ")[2]
    unknown = run("show", f"{name} q", "--data", TINY).err.partition("try: ")[2]

    assert ["mesoref", "search", name] == shlex.split(more.splitlines()[0])
    assert ["mesoref", "search", f"{name} q"] == shlex.split(unknown)


def test_the_list_that_is_named_holds_what_is_counted(run: Run, kb: KnowledgeBase) -> None:
    said = run("explain", "car-t").out
    command = re.findall(r"mesoref (list trials .*)", said)[0].split()
    listed = json.loads(run(*command, "-f", "json").out)["count"]

    assert kb.find("car-t").data["trials"] == listed


def test_a_word_that_is_everywhere_is_not_followed(run: Run) -> None:
    said = run("explain", "mesothelioma").out

    assert "In very many records: mesoref search Mesothelioma" in said
    assert "PBRM1" not in said


def test_a_screen_explains_the_marks_that_stand_on_it(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in ("microrna", "bystander-effect", *THERAPIES):
        view = explain(kb, [id])
        shown = " ".join(lines(view, monkeypatch, 100))
        seen = {each.seen for _, each in pieces(view)}

        assert ("secondary" in seen) == ("`second-hand`: it was read in a source that reports another." in shown)
        assert ("excerpt" in seen) == ("`excerpt`: only a part of the source was read." in shown)


def test_a_screen_names_its_sources_and_says_how_to_have_them_in_full(kb: KnowledgeBase,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    view = explain(kb, ["microrna"])
    shown = " ".join(" ".join(lines(view, monkeypatch, 80)).split())

    assert ("With all figures: mesoref show microrna. The sources in full: mesoref cite microrna, or by the id behind "
            "a title.") in shown
    assert [] == [each.id for each in view.context.references.values()
                  if f"{each.title.rstrip('.')} ({each.id})" not in shown]
