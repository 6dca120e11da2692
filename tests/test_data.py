"""The shipped knowledge: in order, whole, plainly said, and every claim of it looked into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mesoref.cache import data_folder
from mesoref.checks import check
from mesoref.derive import sourced
from mesoref.errors import Problem
from mesoref.fold import fold
from mesoref.kb import KnowledgeBase
from mesoref.loader import Entry, Sources
from mesoref.model import KINDS
from mesoref.schema import Kind, Record, Struct

FILES = sorted(data_folder().glob("*.yaml"))
GRADE, WORDS = 9, 25

LEAST = {"therapy": 10, "gene": 55, "vector": 20, "risk": 22, "agent": 65, "trial": 50, "reference": 450, "term": 110,
         "claim": 50}

FROM_THE_LAY_ARTICLE = re.findall(r"\S+", """
bap1-gene-inserted car-t-extremely-expensive car-t-own-cells car-t-with-checkpoint-inhibitors
first-gene-therapy-fda-2017 four-kinds-of-gene-therapy gene-therapy-available-through-trials gene-therapy-novel-science
gene-therapy-severe-side-effects gene-therapy-treatment-option kymriah-generic-name-car-t kymriah-only-leukemia
measles-injected-into-tumor mesothelin-car-t-effective-2021 microrna-gene-16 no-single-gene only-kymriah-approved
p53-faulty-in-mesothelioma suicide-gene-future suicide-gene-spares-healthy-cells suicide-gene-targeted-chemotherapy
suicide-prodrug-harmless suicide-vector-infects-all-cells suppressor-genes-current-treatment suppressor-genes-role
two-challenges vectors-are-viruses-and-nanoparticles vectors-penetrate-deep virotherapy-began-with-measles
virus-triggers-immune-attack viruses-deadly viruses-kill-only-cancer-cells
""")
"""The claims of the article that the base began with; each of its sentences that can be checked is one."""

NOWHERE = {
    "seed-article": "the lay article that claims are met in; it has no address and supports nothing",
    "sterman-2005": "read in an index without addresses; everything that cites it cites another source too",
}
SHARED = {"pmc7046919": "two tables of one article, each cited for its own"}
EVERYDAY = {"UK", "US", "EU"}
"""Abbreviations that need no explanation."""

AMERICAN = re.compile(r"\b(" + "|".join((
    r"tumors?", r"leukemi\w+", r"an?emi[ac]", r"isch?emi\w+", r"hem(?:at|o|orr)\w+", r"esoph\w+", r"p?ediatric\w*",
    r"gynecolog\w+", r"orthopedic\w*", r"anesthe\w+", r"edema\w*", r"diarrhea\w*", r"estrogen\w*", r"feces|fecal",
    r"center(?:s|ed)?", r"fiber(?:s|ed)?", r"liters?", r"milliliters?", r"colou?r(?<!colour)\w*", r"behavior\w*",
    r"favor\w*", r"labor", r"neighbor\w*", r"odor\w*", r"vapor\w*", r"programs?", r"judgment", r"defense", r"offense",
    r"gray", r"aging", r"signal(?:ed|ing)", r"label(?:ed|ing)", r"model(?:ed|ing)", r"cancel(?:ed|ing)",
    r"travel(?:ed|ing)", r"enroll(?:s|ment)", r"skeptic\w*", r"catalog", r"sulf\w+", r"aluminum",
    r"(?!siz|priz|seiz)[a-z]+[^aeiou]iz(?:e|es|ed|ing|ation|ations)", r"[a-z]+lyz(?:e|es|ed|ing)",
)) + r")\b")
"""American spellings. A capital within a sentence belongs to a name, and names are written as they are."""

NAMES = {"id", "name", "aliases", "title", "venue", "authors", "sponsor", "symbol"}
"""Fields that hold names and titles, which are quoted as they are."""


@pytest.fixture(scope="module")
def checked() -> tuple[Sources, tuple[Problem, ...]]:
    """The sources as they were read, with all places, and what is wrong with them."""
    return check([(data_folder(), False)])


def top_level(file: Path) -> dict[str, str]:
    """The keys at the top of a file with what stands behind them in their line."""
    return dict(re.findall(r"^(\w+): *(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE))


def records(kb: KnowledgeBase, kind: str) -> list[Record]:
    return kb.all(kind)


def texts(record: Record, key: str) -> list[str]:
    """The texts of a field, without their sources."""
    return [each["text"] if isinstance(each, dict) else each for each in record.data.get(key) or ()]


def prose(cls: type[Struct], body: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Everything that is written in words of the base's own, with the field that it stands in."""
    for key, field in cls.fields.items():
        if key in NAMES or field.derived or field.shape.marker:
            continue
        for each in field.items(body):
            if isinstance(each, dict):
                yield from prose(field.shape.struct_of(each), each, f"{path}{key}.")
            elif isinstance(each, str):
                yield f"{path}{key}", each


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?]) +(?=[A-Z0-9])", text)


# --- order ---


def test_every_kind_has_a_file_of_its_own() -> None:
    assert {f"{each.plural}.yaml": ["schema", "as_of", each.plural] for each in KINDS.values()} == {
        file.name: list(top_level(file)) for file in FILES}


def test_all_files_are_of_one_date() -> None:
    assert len({top_level(file)["as_of"] for file in FILES}) == 1


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_records_stand_in_the_order_of_their_ids_and_keys_in_that_of_the_fields(
        checked: tuple[Sources, tuple[Problem, ...]], kind: Kind) -> None:
    found = {id: each for id, each in checked[0].entries.items() if each.kind == kind}
    lines = {id: each.places[()].line for id, each in found.items()}

    assert sorted(lines, key=lines.__getitem__) == sorted(found)
    assert [each for entry in found.values() for each in disordered(entry)] == []


def disordered(entry: Entry) -> Iterator[str]:
    """Mappings whose keys do not stand in the order of the fields, in which a body is kept."""
    keys: dict[tuple[str | int, ...], list[str]] = {}
    for path in sorted(entry.places, key=lambda path: entry.places[path]):
        if path and isinstance(path[-1], str):
            keys.setdefault(path[:-1], []).append(path[-1])
    for path, found in keys.items():
        body: Any = entry.body
        for step in path:
            body = body[step]
        if found != [key for key in body if key in found]:
            yield f"{entry.body['id']}.{'.'.join(map(str, path))}: {', '.join(found)}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_key_stands_there_with_nothing_behind_it(file: Path) -> None:
    assert re.findall(r"^.*: (?:\[\]|\{\}|~|null|'')$", file.read_text(encoding="utf-8"), re.MULTILINE) == []


# --- soundness ---


def test_the_check_finds_nothing(checked: tuple[Sources, tuple[Problem, ...]]) -> None:
    assert [str(each) for each in checked[1]] == []


@pytest.mark.parametrize(("kind", "key"), [
    ("reference", "pmid"), ("reference", "pmcid"), ("reference", "doi"), ("gene", "hgnc"), ("gene", "ncbi_gene"),
    ("gene", "ensembl"), ("gene", "symbol"),
])
def test_no_two_records_have_the_same_identifier(kb: KnowledgeBase, kind: str, key: str) -> None:
    owners: dict[str, list[str]] = {}
    for each in records(kb, kind):
        if value := each.data[key]:
            owners.setdefault(fold(value), []).append(each.id)

    assert {value: ids for value, ids in owners.items() if len(ids) > 1 and value not in SHARED} == {}


def test_only_what_is_named_here_cannot_be_looked_up(kb: KnowledgeBase) -> None:
    """That nothing rests on such a reference alone is a rule of the check."""
    nowhere = {each.id for each in records(kb, "reference")
               if not any(each.data[key] for key, field in each.fields.items() if field.shape.scheme)}

    assert nowhere == NOWHERE.keys()


def test_nothing_rests_on_the_lay_article(kb: KnowledgeBase) -> None:
    relying = [each.id for kind in KINDS for each in records(kb, kind)
               for body in [each.data, *(body for _, body, _ in sourced(type(each), each.data))]
               if "seed-article" in (body.get("refs") or ())]

    assert relying == []


# --- coverage ---


def test_there_is_at_least_as_much_as_was_promised(kb: KnowledgeBase) -> None:
    counts = kb.store.counts()

    assert {kind: counts[kind] for kind, least in LEAST.items() if counts[kind] < least} == {}
    assert sum(kb.store.count_statements().values()) >= 1200


@pytest.mark.parametrize(("field", "least"), [("questions", 5), ("plain", 1), ("risks", 1), ("unknowns", 1),
                                             ("limits", 1), ("summary", 1), ("steps", 1), ("strengths", 1)])
def test_every_approach_has(kb: KnowledgeBase, field: str, least: int) -> None:
    assert [each.id for each in records(kb, "therapy") if len(each.data[field]) < least] == []


def test_every_approach_has_trials_or_says_that_none_was_found(kb: KnowledgeBase) -> None:
    saying = re.compile(r"\bno (?:trial|study)\b|\bnot been (?:tried|tested)\b|^A (?:trial|study) of", re.IGNORECASE)
    silent = [each.id for each in records(kb, "therapy") if not each.data["trials"] and not any(
        saying.search(text) for key in ("plain", "limits", "gaps") for text in texts(each, key))]

    assert silent == []


def test_every_risk_has_a_rate_or_says_that_none_was_found(kb: KnowledgeBase) -> None:
    silent = [each.id for each in records(kb, "risk") if not each.data["frequency"]
              and not any(re.search(r"\brate\b|\bhow often\b", gap) for gap in each.data["gaps"])]

    assert silent == []


@pytest.mark.parametrize("kind", ["gene", "vector", "risk", "agent"])
def test_everything_is_also_said_in_plain_words(kb: KnowledgeBase, kind: str) -> None:
    assert [each.id for each in records(kb, kind) if not each.data["plain"]] == []


def test_every_term_and_claim_is_answered(kb: KnowledgeBase) -> None:
    assert [each.id for each in records(kb, "term") if not each.data["definition"]] == []
    assert [each.id for each in records(kb, "claim") if not each.data["finding"]] == []


def test_every_claim_of_the_lay_article_is_here(kb: KnowledgeBase) -> None:
    assert [each.id for each in records(kb, "claim") if "seed-article" in each.data["met"]] == FROM_THE_LAY_ARTICLE


# --- plain words ---


PLAIN = [pytest.param(kind, id=kind.name) for kind in KINDS.values() if "plain" in kind.fields]


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_words_are_as_easy_as_school(kb: KnowledgeBase, kind: Kind) -> None:
    """Grade 9 of the Flesch-Kincaid scale at most, all the plain words of a record taken together."""
    grades = {each.id: grade(" ".join(texts(each, "plain"))) for each in records(kb, kind.name) if each.data["plain"]}

    assert {id: found for id, found in grades.items() if found > GRADE} == {}


def grade(text: str) -> float:
    """The school year whose pupils read such a text, after Flesch and Kincaid, with a syllable for every run of vowels.

    The libraries that do this load a dictionary of sounds from the network, or take `mesothelioma` for two syllables.
    """
    words = re.findall(r"[\w'’]+", text.lower())
    syllables = sum(max(1, len(re.findall("[aeiouy]+", each.removesuffix("e")))) for each in words)
    return 0.39 * len(words) / len(sentences(text)) + 11.8 * syllables / len(words) - 15.59


def test_a_hard_text_is_noticed() -> None:
    assert grade("The cat sat on the mat. It was glad.") < 3
    assert grade("Intrapleurally administered adenoviral immunotherapy demonstrated considerable immunogenicity.") > 15


@pytest.mark.parametrize("kind", PLAIN)
def test_no_sentence_in_plain_words_is_long(kb: KnowledgeBase, kind: Kind) -> None:
    found = [(each.id, sentence) for each in records(kb, kind.name)
             for text in [*texts(each, "plain"), *texts(each, "questions")]
             for sentence in sentences(text) if len(sentence.split()) > WORDS]

    assert found == []


@pytest.mark.parametrize("kind", PLAIN)
def test_every_abbreviation_in_plain_words_can_be_asked_for(kb: KnowledgeBase, kind: Kind) -> None:
    """A word with two capitals is the name of a record, part of the record's own, or made of such names."""
    found = {(each.id, word) for each in records(kb, kind.name)
             for text in [*texts(each, "plain"), *texts(each, "questions")]
             for word in re.findall(r"\w[\w/-]*", text)
             if len(re.findall("[A-Z]", word)) > 1 and word not in each.title and not known(kb, word)}

    assert found == set()


def known(kb: KnowledgeBase, word: str) -> bool:
    if word in EVERYDAY or any(kb.store.lookup(fold(each)) for each in (word, word.removesuffix("s"))):
        return True
    parts = re.split(r"[-/]", word)
    return len(parts) > 1 and all(known(kb, each) for each in parts if len(re.findall("[A-Z]", each)) > 1)


# --- spelling ---


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_prose_is_british(kb: KnowledgeBase, kind: Kind) -> None:
    found = [(each.id, path, word) for each in records(kb, kind.name) for path, text in prose(type(each), each.data)
             for word in american(text)]

    assert found == []


def american(text: str) -> list[str]:
    """American spellings, at the beginning of a sentence or in small letters."""
    return [word for each in sentences(text) for word in AMERICAN.findall(each[:1].lower() + each[1:])]


@pytest.mark.parametrize("word", [
    "tumor", "leukemia", "anemia", "hemorrhage", "hematological", "esophagus", "pediatric", "center", "fibers", "color",
    "behavior", "randomized", "optimization", "hospitalized", "analyzed", "catalyzed", "labeled", "program", "edema",
])
def test_an_american_word_is_noticed(word: str) -> None:
    assert american(f"{word.capitalize()} is a {word}.") == [word, word]


@pytest.mark.parametrize("text", [
    "tumour leukaemia anaemia haemorrhage oesophagus paediatric centre fibres colour behaviour randomised analysed",
    "size prize seized labelled programme oedema hemisphere enrolled enrolling fulfilled",
    "It was done at the Cancer Center of the Department of Defense, in the Access Program of the Health Organization.",
])
def test_a_british_word_or_a_name_is_let_be(text: str) -> None:
    assert american(text) == []
