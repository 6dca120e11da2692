"""Citations, read back by programs that are not ours: same count, same keys, every character as it was."""

from __future__ import annotations

import contextlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import TINY, Run
from mesoref import __version__
from mesoref.kb import KnowledgeBase, open_base
from mesoref.model import KINDS, itself
from mesoref.render.entries import author
from mesoref.schema import Record
from mesoref.values import citation

ROOT = Path(__file__).parents[1]
SOURCES = next(each for each in KINDS.values() if each.citable)
COPIED = "Read in a copy"

HARD = r"""
schema: 1
references:
  hard-2020:
    type: trial
    authors: [Zoë-Łuczak ÅB, van Zandwijk N, "Jones & Sons {Ltd}", "Cancer, Research and Trials UK", Smith J-P Jr,
              et al.]
    title: "50% of β_2 & γ#1: {CAR} $T ~x^2 \\alpha <i>µ</i> – “q” %"
    venue: Zeitschrift für Ärzte & Ämter
    year: 2020
    volume: 13(15 Pt 1)
    pages: S12-S19
    doi: 10.1000/a_b%28c%29&d#e
    note: Read {twice} & once.
    access: abstract
  hard-article-number:
    type: preclinical
    title: An article number is no range
    venue: Journal
    pages: 2394-4722.2022.70
    volume: (3)
    access: abstract
  hard-registry:
    type: registry
    title: A trial in a registry
    nct: NCT12345678
    access: excerpt
  hard-copy:
    type: web
    title: Read elsewhere
    copy: https://example.org/copy
    access: excerpt
"""


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """References with all that breaks formats."""
    path = tmp_path_factory.mktemp("hard") / "hard.yaml"
    path.write_text(HARD, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def records(hard: Path) -> dict[str, Record]:
    """All references of the small base and the hard ones."""
    return {each.id: each for each in open_base(TINY, [hard]).all(SOURCES.name)}


def latex(text: str) -> str:
    """What LaTeX would print, by a parser of LaTeX, which lacks two commands and has another circumflex."""
    if not {"\\", "{", "$"} & set(text):
        return text
    text = text.replace(r"\textbraceleft{}", r"\{").replace(r"\textbraceright{}", r"\}")
    reader = pytest.importorskip("pylatexenc.latex2text").LatexNodes2Text(strict_latex_spaces=True)
    return str(reader.latex_to_text(text)).replace("\u02c6", "^")


@cache
def bibtex(text: str) -> dict[str, dict[str, str]]:
    """Entries as bibtexparser reads them, by key."""
    reader = pytest.importorskip("bibtexparser")
    parser = pytest.importorskip("bibtexparser.bparser").BibTexParser(common_strings=False)
    return {each["ID"]: each for each in reader.loads(text, parser).entries}


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_bibtex_holds_every_source_of_the_base_once(run: Run, kb: KnowledgeBase) -> None:
    text = run("cite", "-f", "bibtex").out
    assert [each.id for each in kb.all(SOURCES.name)] == list(bibtex(text))
    assert len(kb.all(SOURCES.name)) == text.count("\n@") + 1


def test_bibtex_keeps_every_character(run: Run, hard: Path, records: dict[str, Record]) -> None:
    found = bibtex(run("cite", "--data", TINY, "--with", hard, "-f", "bibtex").out)

    for id, entry in found.items():
        data = records[id].data
        assert data["title"] == latex(entry["title"]).strip()
        assert (data["venue"] or "") == latex(entry.get("journal") or entry.get("howpublished") or "")
        assert (data["note"] or "") == latex(entry.get("annote", ""))
        assert entry.get("note", COPIED) == COPIED
        assert (data["pages"] or "") == entry.get("pages", "")
        assert (data["doi"] or "") == entry.get("doi", "")


def test_bibtex_protects_capitals_and_bodies_and_says_et_al_its_own_way(run: Run, hard: Path) -> None:
    text = run("cite", "hard-2020", "--data", TINY, "--with", hard, "-f", "bibtex").out

    assert ("author = {Zoë-Łuczak, Å. B. and van Zandwijk, N. and "
            "{Jones \\& Sons \\textbraceleft{}Ltd\\textbraceright{}} and "
            "{Cancer, Research and Trials UK} and Smith, Jr, J.-P. and others},") in text
    assert "title = {{" in text
    assert "volume = {13},\n  number = {15 Pt 1},\n  pages = {S12-S19},\n" in text


@pytest.mark.parametrize("format", ["bibtex", "ris", "csl-json"])
def test_no_field_is_invented(run: Run, kb: KnowledgeBase, format: str) -> None:
    """Every value that is written stands in the record, or is the page of its own identifier."""
    readers = {"bibtex": _bibtex_values, "ris": _ris_values, "csl-json": _csl_values}
    found = readers[format](run("cite", "-f", format).out)

    for record in kb.all(SOURCES.name):
        known = "\n".join(str(value) for value in record.data.values())
        known += f"\nhttps://clinicaltrials.gov/study/{record.data['nct']}\n{COPIED}"
        assert [each for each in found[record.id] if _bare(each) not in _bare(known)] == []


def _bare(text: str) -> str:
    """Letters and digits, which no format may change."""
    return "".join(each for each in text if each.isalnum())


def _bibtex_values(text: str) -> dict[str, list[str]]:
    return {id: [latex(value) if key not in ("doi", "url") else value for key, value in each.items()
                 if key not in ("author", "ENTRYTYPE")]
            + [_turned(name) for name in re.split(r" and (?![^{]*})", each.get("author", "")) if name != "others"]
            for id, each in bibtex(text).items()}


def _turned(name: str) -> str:
    """A name with its initials as the record has them."""
    return latex(name).replace(". ", "").replace(".", "")


def _ris_values(text: str) -> dict[str, list[str]]:
    rispy = pytest.importorskip("rispy")
    return {each["id"]: [str(value) for key, value in each.items() if key not in ("type_of_reference", "authors")
                         and not isinstance(value, list)] for each in rispy.loads(text)}


def _csl_values(text: str) -> dict[str, list[str]]:
    return {each["id"]: [str(value) for key, value in each.items() if key not in ("type", "author", "issued")]
            for each in json.loads(text)}


def test_ris_holds_every_source_with_every_character(run: Run, hard: Path, records: dict[str, Record]) -> None:
    rispy = pytest.importorskip("rispy")
    found = {each["id"]: each for each in
             rispy.loads(run("cite", "--data", TINY, "--with", hard, "-f", "ris").out)}

    assert list(records) == list(found)
    for id, each in found.items():
        data = records[id].data
        pages = "-".join(each[key] for key in ("start_page", "end_page") if key in each)
        assert (data["title"], data["venue"], data["pages"] or "", data["doi"]) == (
            each["title"], each.get("secondary_title"), pages, each.get("doi"))
        assert len(data["authors"]) == len(each.get("authors", []))


def test_ris_of_the_shipped_base_has_as_many_blocks(run: Run, kb: KnowledgeBase) -> None:
    rispy = pytest.importorskip("rispy")

    assert [each.id for each in kb.all(SOURCES.name)] == [each["id"] for each in rispy.loads(
        run("cite", "-f", "ris").out)]


def csl_words(name: str) -> set[str]:
    """The types or variables of CSL, out of its own grammar as citeproc-py ships it."""
    citeproc = pytest.importorskip("citeproc")
    grammar = Path(citeproc.__file__).parent / "data" / "schema" / "schemas" / "styles" / f"csl-{name}.rnc"
    return set(re.findall(r'"([\w-]+)"', grammar.read_text(encoding="utf-8")))


@pytest.mark.heavy
def test_csl_json_has_only_types_and_variables_of_csl(run: Run) -> None:
    items = json.loads(run("cite", "-f", "csl-json").out)

    assert {each["type"] for each in items} <= csl_words("types")
    assert {key for each in items for key in each} - {"id", "type"} <= csl_words("variables")


@pytest.mark.heavy
def test_csl_json_is_read_by_a_citation_processor(run: Run, hard: Path, records: dict[str, Record]) -> None:
    json_source = pytest.importorskip("citeproc.source.json")
    items: list[dict[str, Any]] = json.loads(run("cite", "--data", TINY, "--with", hard, "-f", "csl-json").out)
    read = json_source.CiteProcJSON(items)

    assert list(records) == list(read)
    for item in items:
        data = records[item["id"]].data
        assert (data["title"], data["pages"], data["doi"]) == (item["title"], item.get("page"), item.get("DOI"))
        assert item["title"] == str(read[item["id"]].title) or "<i>" in item["title"]


def test_csl_json_says_et_al_as_pandoc_does(run: Run, hard: Path) -> None:
    [item] = json.loads(run("cite", "hard-2020", "--data", TINY, "--with", hard, "-f", "csl-json").out)

    assert [{"family": "Zoë-Łuczak", "given": "Å. B."}, {"family": "van Zandwijk", "given": "N."},
            {"literal": "Jones & Sons {Ltd}"}, {"literal": "Cancer, Research and Trials UK"},
            {"family": "Smith", "given": "J.-P.", "suffix": "Jr"}, {"literal": "others"}] == item["author"]


def test_an_article_number_is_no_range_and_a_sole_issue_no_volume(run: Run, hard: Path) -> None:
    text = run("cite", "hard-article-number", "--data", TINY, "--with", hard, "-f", "ris").out

    assert "SP  - 2394-4722.2022.70\n" in text
    assert "IS  - 3\n" in text
    assert "EP  - " not in text
    assert "VL  - " not in text


def test_a_source_without_address_has_the_page_of_its_trial(run: Run, hard: Path) -> None:
    text = run("cite", "hard-registry", "--data", TINY, "--with", hard, "-f", "bibtex").out

    assert "url = {https://clinicaltrials.gov/study/NCT12345678}" in text


@pytest.mark.parametrize(("format", "address", "note"), [
    ("bibtex", "url = {https://example.org/copy}", "note = {Read in a copy}"),
    ("ris", "UR  - https://example.org/copy", "N1  - Read in a copy"),
    ("csl-json", '"URL": "https://example.org/copy"', '"note": "Read in a copy"')])
def test_a_source_known_only_by_a_copy_leads_to_it_and_says_so(run: Run, hard: Path, format: str, address: str,
                                                               note: str) -> None:
    copied = run("cite", "hard-copy", "--data", TINY, "--with", hard, "-f", format).out
    others = run("cite", "hard-registry", "hard-2020", "--data", TINY, "--with", hard, "-f", format).out

    assert address in copied
    assert note in copied
    assert COPIED not in others


@pytest.mark.parametrize("format", ["ris", "csl-json"])
def test_notes_for_curators_stay_out_of_bibliographies(run: Run, hard: Path, format: str) -> None:
    assert "twice" not in run("cite", "hard-2020", "--data", TINY, "--with", hard, "-f", format).out


@pytest.mark.parametrize(("type", "authors", "venue", "form"), [
    ("trial", "[Able A, et al.]", "Clinical Cancer Research", "article-journal"),
    ("review", "[Able A]", "Chest", "article-journal"),
    ("guideline", "[Able A]", "Journal of Clinical Oncology", "article-journal"),
    ("label", "[Able A]", "Chest", "document"), ("web", "[Able A]", "Chest", "document"),
    ("cohort", "[Centers for Disease Control]", "Centers for Disease Control", "document"),
    ("cohort", "[]", "Chest", "document"), ("trial", "[Able A]", "Annual Scientific Meeting", "document"),
    ("review", "[Able A]", "Congressional Research Service", "document"),
    ("review", "[Able A]", "am-online.org", "document")])
def test_a_study_by_people_in_a_journal_is_an_article_without_any_identifier(
        run: Run, tmp_path: Path, type: str, authors: str, venue: str, form: str) -> None:
    """What calls itself a meeting or a service, or is a site, is no journal."""
    more = tmp_path / "more.yaml"
    more.write_text(f"schema: 1\nreferences:\n  one:\n    type: {type}\n    authors: {authors}\n    title: One\n"
                    f"    venue: {venue}\n    access: abstract\n", encoding="utf-8")
    [item] = json.loads(run("cite", "one", "--data", TINY, "--with", more, "-f", "csl-json").out)

    assert form == item["type"]


@pytest.mark.parametrize(("name", "family", "initials"), [
    ("Adusumilli PS", "Adusumilli", "P. S."), ("van Zandwijk N", "van Zandwijk", "N."), ("Łuc Ż", "Łuc", "Ż."),
    ("Smith J-P", "Smith", "J.-P."), ("Cancer Research UK", "Cancer Research UK", ""), ("Rao UK", "Rao", "U. K."),
    ("AABB", "AABB", ""), ("US Food and Drug Administration", "US Food and Drug Administration", ""),
    ("Byrne", "Byrne", ""), ("RARE Daily staff", "RARE Daily staff", ""),
])
def test_people_have_initials_and_bodies_do_not(name: str, family: str, initials: str) -> None:
    assert (family, initials) == (author(name).name, author(name).spaced)


def test_vancouver_is_what_medical_journals_print(run: Run) -> None:
    assert run("cite", "adusumilli-2021").out == (
        "1. Adusumilli PS, Zauderer MG, Riviere I, et al. A phase I trial of regional mesothelin-targeted CAR T-cell "
        "therapy in patients with malignant pleural disease, in combination with the anti-PD-1 agent pembrolizumab. "
        "Cancer Discovery. 2021;11(11):2748-2763. PMID: 34266984; PMCID: PMC8563385; DOI: "
        "10.1158/2159-8290.CD-21-0407\n")


def test_the_sources_of_a_record_come_once_in_the_order_in_which_it_cites_them(run: Run, kb: KnowledgeBase) -> None:
    rows = [row.target for row in kb.store.named_by(["car-t"])]
    sources = {each.id for each in kb.all(SOURCES.name)}
    cited = json.loads(run("cite", "car-t", "-f", "csl-json").out)

    assert [each for each in dict.fromkeys(rows) if each in sources] == [each["id"] for each in cited]


def test_where_no_source_is_named_there_is_nothing_to_cite(run: Run, tmp_path: Path) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text("schema: 1\nrisks:\n  bare:\n    name: Bare\n", encoding="utf-8")
    answer = run("cite", "bare", "--data", TINY, "--with", bare, "-f", "ris")

    assert (1, "") == (answer.code, answer.out)
    assert "nothing to cite: bare names no source" in answer.err


def test_several_records_share_one_list(run: Run) -> None:
    assert ["able-2020", "baker-2019"] == [each["id"] for each in json.loads(
        run("cite", "gfp", "able-2020", "lamp-virus", "--data", TINY, "-f", "csl-json").out)]


def test_a_list_of_sources_can_be_written_for_bibliographies_and_others_cannot(run: Run) -> None:
    sources = run("list", SOURCES.plural, "--data", TINY, "-f", "ris")
    others = run("list", "genes", "--data", TINY, "-f", "ris")

    assert (0, 2) == (sources.code, sources.out.count("ER  - "))
    assert (2, "") == (others.code, others.out)
    assert "`mesoref list` cannot be written as ris (for sources: mesoref cite ID -f ris); its formats: " in others.err


def test_the_suffix_names_the_format(run: Run, tmp_path: Path) -> None:
    for suffix, begin in ((".bib", "@article{able-2020,"), (".ris", "TY  - JOUR")):
        target = tmp_path / f"all{suffix}"
        assert 0 == run("cite", "able-2020", "--data", TINY, "-o", target).code
        assert target.read_text(encoding="utf-8").startswith(begin)


@pytest.mark.parametrize(("known", "cited"), [
    ("title: Glow, venue: Journal, year: 2020, volume: '5(1)', pages: 1-9", "Glow. Journal. 2020;5(1):1-9."),
    ("title: Glow, venue: Journal, volume: '5(1)', pages: 1-9", "Glow. Journal. 5(1):1-9."),
    ("title: Glow, venue: Journal, pages: 1-9", "Glow. Journal. 1-9."),
    ("title: Glow, venue: Journal, year: 2020, pages: 1-9", "Glow. Journal. 2020:1-9."),
    ("title: 'Does it glow?', year: 2020", "Does it glow? 2020."),
    ("title: It glows ..., authors: [Able A, et al.]", "Able A, et al. It glows ..."),
])
def test_a_source_is_cited_without_the_marks_of_what_is_not_known(tmp_path: Path, known: str, cited: str) -> None:
    (tmp_path / "base.yaml").write_text(
        f"schema: 1\nreferences:\n  able: {{type: trial, access: abstract, {known}}}\n", encoding="utf-8")
    with contextlib.closing(open_base(tmp_path)) as kb:
        assert cited == citation(kb.find("able"))


def test_the_program_is_cited_with_its_version_and_date_as_the_citation_file_says(run: Run, kb: KnowledgeBase) -> None:
    file = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    [item] = json.loads(run("cite", "mesoref", "-f", "csl-json").out)

    assert (__version__, kb.as_of) == (str(file["version"]), str(file["date-released"]))
    assert f"{file['title']} (knowledge as of {file['date-released']})" == item["title"]
    assert file["version"] == item["version"]
    assert [{"literal": each["name"]} for each in file["authors"]] == item["author"]
    assert [[file["date-released"].year]] == item["issued"]["date-parts"]
    assert "software" == file["type"] == item["type"]
    assert {"cff-version", "message", "title", "authors"} <= set(file)


@pytest.mark.parametrize("format", ["plain", "table", "json", "csv", "markdown", "html", "bibtex", "ris", "csl-json"])
def test_the_program_is_cited_in_every_format(run: Run, format: str) -> None:
    answer = run("cite", "mesoref", "-f", format)

    assert 0 == answer.code
    assert __version__ in answer.out


def test_the_program_as_a_source_has_what_every_source_must_have() -> None:
    own = itself("1.2", "2026-01-02")

    assert [key for key, field in SOURCES.fields.items() if field.required and not own.data.get(key)] == []
    assert own.data["type"] in SOURCES.fields["type"].shape.choice.labels  # type: ignore[union-attr]
