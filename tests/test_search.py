"""Search: what leads to what, in which order, what is shown of it, and that nothing typed can break it."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import TINY, Run
from mesoref.fold import compounds, spelling, words
from mesoref.kb import KnowledgeBase, open_base
from mesoref.model import KINDS
from mesoref.queries.asking import MOST_CHUNKS, ask, chunks_of
from mesoref.queries.laywords import ALIKE, MEANT, STOP
from mesoref.queries.searching import marked, search
from mesoref.store import MOST_SCORED, Store
from mesoref.store.fulltext import stems, with_full_text
from mesoref.store.writing import write
from mesoref.views import Hits

QUALITY = Path(__file__).parents[1] / "benchmarks" / "search_quality.py"
RANK, RECALL = 0.9, 0.95

ODD = ("schema: 1\nas_of: 2026-01-02\nterms:\n"
       "  in-name:\n    name: Zebra fish\n    definition: [{text: An animal with stripes., refs: [plain-ref]}]\n"
       "  in-plain:\n    name: Stripes\n    definition: [{text: What a zebra has., refs: [plain-ref]}]\n"
       "risks:\n"
       "  in-facts:\n    name: Kick\n    severity: [{text: A zebra kicks hard., refs: [plain-ref]}]\n"
       "    refs: [plain-ref]\n"
       "  spelt:\n    name: Odd words\n    aliases: [non-viral PD-1 β-carotène]\n"
       "    severity:\n      - {text: The tumours of haemophilia., refs: [plain-ref]}\n"
       "      - {text: \"Cells glow: red cells, not blue.\", refs: [plain-ref, in-title]}\n"
       "references:\n"
       "  in-title: {type: web, title: Zebra crossings, url: 'https://example.org/', access: excerpt}\n"
       "  plain-ref: {type: trial, title: A study, url: 'https://example.org/2', access: excerpt}\n")


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base whose records have one word in different places, and words in odd spellings."""
    path = tmp_path_factory.mktemp("odd") / "odd.yaml"
    path.write_text(ODD, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def odd_kb(odd: Path) -> KnowledgeBase:
    return open_base(odd)


def ids(hits: Hits) -> list[str]:
    return [each.line.id for each in hits.hits]


def first(kb: KnowledgeBase, text: str) -> str:
    return next(iter(ids(search(kb, text))), "")


# --- the judged queries ---

@pytest.fixture(scope="module")
def quality() -> ModuleType:
    spec = importlib.util.spec_from_file_location("search_quality", QUALITY)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def judged(kb: KnowledgeBase, quality: ModuleType) -> list[Any]:
    return list(quality.judged(kb))


def test_judged_queries_find_their_answers(judged: list[Any], quality: ModuleType) -> None:
    rank, recall = quality.means(judged)

    assert len(judged) >= 100
    assert rank >= RANK
    assert recall >= RECALL


def test_every_judged_answer_is_in_the_base(kb: KnowledgeBase, judged: list[Any]) -> None:
    wanted = {id for each in judged for id in each.answers}

    assert wanted == set(kb.get(wanted))


def test_every_query_for_a_name_gives_its_record_first(judged: list[Any]) -> None:
    assert [] == [(each.query, each.given[:1]) for each in judged
                  if each.group == "names" and each.given[:1] != each.answers[:1]]


# --- order ---

def test_names_come_before_plain_words_statements_and_sources(odd_kb: KnowledgeBase) -> None:
    assert ["in-name", "in-plain", "in-facts", "in-title"] == ids(search(odd_kb, "zebra"))


def test_a_record_that_is_called_so_comes_before_one_that_is_called_so_in_part(kb: KnowledgeBase) -> None:
    found = ids(search(kb, "mesothelioma"))

    assert "mesothelioma" == found[0]
    assert {"pleural-mesothelioma", "peritoneal-mesothelioma"} & set(found[1:])


def test_a_record_comes_before_a_source_that_is_called_the_same(kb: KnowledgeBase) -> None:
    assert "erbb2" == first(kb, "HER2")


def test_what_has_all_words_comes_before_what_has_one(odd_kb: KnowledgeBase) -> None:
    assert ["in-facts", "in-name"] == ids(search(odd_kb, "zebra kick"))[:2]


def test_outside_identifiers_find_their_record(kb: KnowledgeBase) -> None:
    assert ["bap1", "adusumilli-2021"] == [first(kb, "HGNC:950"), first(kb, "PMID: 34266984")]


def test_a_word_that_many_records_have_spoils_nothing(kb: KnowledgeBase) -> None:
    assert first(kb, "placebo") == first(kb, "what is a placebo") == first(kb, "so tell me, what would a placebo be?")


# --- words ---

@pytest.mark.parametrize(("british", "american"), [
    ("tumour growth", "tumor growth"), ("neutralising antibody", "neutralizing antibody"),
    ("haemophilia", "hemophilia"), ("leukaemia", "leukemia"), ("randomised", "randomized"),
    ("valaciclovir", "valacyclovir"), ("interferon alfa", "interferon alpha"), ("signalling", "signaling"),
    ("anaemia", "anemia"), ("centre", "center"), ("fibre", "fiber"), ("licence", "license"),
])
def test_british_and_american_spellings_find_the_same(kb: KnowledgeBase, british: str, american: str) -> None:
    found = ids(search(kb, british))

    assert found
    assert found == ids(search(kb, american))


@pytest.mark.parametrize("word", ["four", "hour", "does", "cell", "all", "over", "source", "course", "your"])
def test_words_that_only_look_british_stay_themselves(word: str) -> None:
    assert word == spelling(word)


@pytest.mark.parametrize(("one", "other"), [
    ("infusion reaction", "infusion reactions"), ("antibody", "antibodies"), ("blister", "blistering"),
    ("oncolytic virus", "oncolytic viruses"),
])
def test_plurals_and_inflections_find_the_same_first(kb: KnowledgeBase, one: str, other: str) -> None:
    assert first(kb, one) == first(kb, other) != ""


@pytest.mark.parametrize("query", [
    "non-viral", "nonviral", "non viral", "PD-1", "pd1", "PD 1", "β-carotène", "beta carotene", "BETACAROTENE",
    "tumor", "hemophilia", "tumours'", "tumor\u2019s", "carot",
])
def test_hyphens_accents_letters_and_spellings_are_folded(odd_kb: KnowledgeBase, query: str) -> None:
    assert ["spelt"] == ids(search(odd_kb, query))


def test_only_the_last_word_may_be_a_beginning(odd_kb: KnowledgeBase) -> None:
    assert ["spelt"] == ids(search(odd_kb, "red haemoph"))
    assert (("haemoph", ()),) == search(odd_kb, "haemoph red").missing


def test_a_word_that_the_base_has_is_no_beginning(odd_kb: KnowledgeBase) -> None:
    assert ["spelt"] == ids(search(odd_kb, "red"))


def test_a_phrase_in_quotation_marks_is_found_as_it_stands(odd_kb: KnowledgeBase) -> None:
    assert [["spelt"], [], ["spelt"], ["spelt"]] == [ids(search(odd_kb, each)) for each in (
        '"cells glow"', '"glow cells"', 'glow cells', "“red cells”")]


def test_a_quoted_word_stands_for_itself_alone(kb: KnowledgeBase) -> None:
    spoken, quoted = ({text.lower() for hit in search(kb, each, limit=40).hits for text, on in hit.passage if on}
                      for each in ("heart", '"heart"'))

    assert "cardiac" in spoken
    assert not {each for each in quoted if "heart" not in each}


def test_words_that_hyphens_join_nowhere_are_looked_for_one_by_one(odd_kb: KnowledgeBase) -> None:
    assert ["in-facts", "in-name"] == ids(search(odd_kb, "kick-zebra"))[:2]


def test_lay_words_stand_for_those_of_the_field(kb: KnowledgeBase) -> None:
    assert ["treatment-cost", "adverse-event", "cytokine-release-syndrome"] == [
        first(kb, each) for each in ("who pays?", "side effects", "cytokine storm")]


def test_the_table_of_lay_words_holds_folded_words_that_are_told() -> None:
    alike = " ".join(ALIKE).split()

    assert alike == words(" ".join(alike))
    assert len(alike) == len(set(alike))
    assert not STOP & {*alike}
    assert all(set(each.split()) - STOP for phrases in MEANT.values() for each in phrases.split(", "))
    assert all(set(words(each)) - STOP for each in MEANT)


# --- what is shown ---

def test_a_passage_is_a_whole_statement_with_its_sources(tiny: KnowledgeBase) -> None:
    hit = search(tiny, "how it hums").hits[0]

    assert ("gene-hum", "plain", "A gene makes cells hum.") == (hit.line.id, hit.key, hit.piece.text)
    assert (("A gene makes cells ", False), ("hum", True), (".", False)) == hit.passage
    assert (("baker-2019",), "D") == (hit.piece.refs, hit.piece.level)


def test_a_figure_is_shown_as_people_read_it(tiny: KnowledgeBase) -> None:
    assert "median overall survival: 12.5 months (95% CI 9 to not reached); n = 9; all treated" == search(
        tiny, "median overall").hits[0].piece.text


def test_the_best_statement_is_shown_and_not_the_first(kb: KnowledgeBase) -> None:
    passages = {hit.line.id: hit.piece.text for hit in search(kb, "herpes boxed warning fertility").hits}

    assert "boxed warning" in passages["ganciclovir"]


def test_a_record_found_by_its_name_alone_is_shown_in_plain_words(tiny: KnowledgeBase) -> None:
    hit = search(tiny, "gene-hum").hits[0]

    assert ("gene-hum", "A gene makes cells hum.") == (hit.line.id, hit.piece.text)


def test_what_stands_beside_a_title_is_never_lost(run: Run) -> None:
    """A claim without its verdict would be read as true."""
    for format in ("table", "plain", "json", "jsonl", "csv", "tsv", "markdown", "html"):
        answer = run("search", "glowing cures", "--data", TINY, "-f", format)
        first = next(each for each in answer.out.splitlines() if "Glowing cures" in each)
        assert "wrong" in first.lower()


@pytest.mark.parametrize("format", ["table", "plain", "json", "markdown", "html"])
def test_a_record_laid_over_the_base_is_shown_as_local(run: Run, tmp_path: Path, format: str) -> None:
    more = tmp_path / "mine.yaml"
    more.write_text("schema: 1\nterms:\n  mine:\n    name: Hum of mine\n    definition:\n"
                    "      - {text: It hums., refs: [able-2020]}\n", encoding="utf-8")
    answer = run("search", "hum", "--data", TINY, "--with", more, "-f", format)
    said = {"json": '"id":"mine","kind":"term","name":"Hum of mine","brief":"","local":true'}.get(
        format, "term mine, local")

    assert said in answer.out
    assert 1 == answer.out.count("local") - answer.out.count('"local":false')


@pytest.mark.parametrize(("text", "expected"), [
    ("CAR-T cells", "*CAR-T* cells"), ("CAR T cells", "*CAR T* cells"), ("carT", "*carT*"), ("a cart", "a *cart*"),
    ("(CAR), T.", "(*CAR*), *T*."), ("Nothing", "Nothing"), ("", ""),
])
def test_neighbours_are_marked_together(kb: KnowledgeBase, text: str, expected: str) -> None:
    question = ask(kb.store, "car-t cart car t")

    assert expected == "".join(f"*{part}*" if on else part for part, on in marked(question, text))


def test_marking_changes_no_text(kb: KnowledgeBase) -> None:
    question = ask(kb.store, "virus's β-cells")
    text = "The virus\u2019s β-cells, “naïve”\tVIRUSES"

    assert text == "".join(part for part, _ in marked(question, text))
    assert {"virus\u2019s β-cells", "VIRUSES"} == {part for part, on in marked(question, text) if on}


@pytest.mark.parametrize("format", ["table", "plain", "markdown", "html"])
def test_texts_for_people_mark_what_matched_and_end_with_the_line_on_advice(run: Run, format: str) -> None:
    answer = run("search", "hum", "--data", TINY, "-f", format)
    mark = {"html": "<mark>hum</mark>", "markdown": "**hum**"}.get(format, "*hum*")

    assert (0, "") == (answer.code, answer.err)
    assert mark in answer.out
    assert "Not medical advice. Knowledge as of 2026-01-02." in answer.out


@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_a_row_has_the_record_the_passage_and_its_sources(run: Run, format: str, delimiter: str) -> None:
    rows = list(csv.reader(io.StringIO(run("search", "hum", "--data", TINY, "-f", format).out), delimiter=delimiter))

    assert ["kind", "id", "name", "brief", "field", "passage", "level", "refs"] == rows[0]
    assert ["therapy", "gene-hum", "Hum gene transfer", "", "plain", "A gene makes cells *hum*.", "D",
            "baker-2019"] == rows[1]


def test_json_has_the_passage_as_it_is_and_the_sources_whole(run: Run) -> None:
    found = json.loads(run("search", "hum", "--data", TINY, "-f", "json").out)
    hit = found["records"][0]

    assert ("hit", 1, "hum") == (found["kind"], found["count"], found["query"])
    assert ("A gene makes cells hum.", ["hum"], ["baker-2019"]) == (hit["passage"], hit["marked"], hit["refs"])
    assert ["baker-2019"] == list(found["references"])


def test_off_a_terminal_hits_are_rows(run: Run) -> None:
    assert run("search", "hum", "--data", TINY, "-f", "tsv").out == run("search", "hum", "--data", TINY).out


# --- options and the absence of answers ---

def test_only_records_of_one_kind_are_found_if_that_is_asked(run: Run) -> None:
    found = json.loads(run("search", "mesothelin", "--kind", "trials", "-f", "json").out)["records"]

    assert {"trial"} == {each["kind"] for each in found}
    assert 10 == len(found)


def test_an_unknown_kind_is_a_wrong_command_line(run: Run) -> None:
    assert 2 == run("search", "hum", "--kind", "birds", "--data", TINY).code


def test_as_many_records_are_shown_as_are_asked_for(kb: KnowledgeBase) -> None:
    found = ids(search(kb, "mesothelioma", limit=60))

    assert 60 == len(found)
    assert found[:3] == ids(search(kb, "mesothelioma", limit=3))


def test_a_limit_below_one_is_a_wrong_command_line(run: Run) -> None:
    assert 2 == run("search", "hum", "--limit", "0", "--data", TINY).code


@pytest.mark.parametrize("format", ["table", "plain", "jsonl", "csv", "tsv", "markdown", "html"])
def test_no_hit_says_so_and_offers_words_of_the_base(run: Run, format: str) -> None:
    answer = run("search", "mesotheloma", "-f", format)

    assert (1, "") == (answer.code, answer.out)
    assert "nothing found for 'mesotheloma'" in answer.err
    assert "did you mean mesothelioma" in answer.err


def test_no_hit_is_still_one_object_of_json(run: Run) -> None:
    answer = run("search", "mesotheloma", "-f", "json")
    found = json.loads(answer.out)

    assert (1, 0, []) == (answer.code, found["count"], found["records"])
    assert "mesothelioma" in found["missing"][0]["near"]


def test_no_hit_in_a_kind_names_the_kind(run: Run) -> None:
    assert "nothing found for 'afterglow' among the genes" in run("search", "afterglow", "--kind", "gene", "--data",
                                                                  TINY).err


def test_words_that_nothing_looks_like_are_told_without_a_guess(run: Run) -> None:
    assert "no record has 'qqqqqqqq'\n" in run("search", "qqqqqqqq", "--data", TINY).err


def test_one_form_of_a_word_is_offered_and_nothing_for_a_short_one(kb: KnowledgeBase) -> None:
    near = dict(search(kb, "antibdoy dadd").missing)

    assert {"antibdoy", "dadd"} == set(near)
    assert 1 == len({"antibody", "antibodies"} & set(near["antibdoy"]))
    assert () == near["dadd"]


def test_a_misspelt_word_among_others_is_told_with_the_hits(run: Run) -> None:
    answer = run("search", "hum", "sunbrun", "please", "--data", TINY, "-f", "plain")

    assert 0 == answer.code
    assert answer.out.startswith("no record has 'sunbrun'; did you mean sunburn?\n")
    assert "gene-hum" in answer.out


# --- whatever is typed ---

HOSTILE = ("", " ", '"', '""', '"""', '"a', 'a"', "a OR", "AND", "NOT glow", "NEAR(glow hum, 2)", "glow*", "^glow",
           "names : glow", "{names plain} : glow", "- glow", "+glow", "(glow", "glow)", "\0", "glow\0hum", "\ud800",
           "'; DROP TABLE records; --", "%", "_", "\\", "🧬", "👩‍⚕️ glow", "½ ² ﬁ", "İ", "ß", "\u0301", "glow" * 25_000,
           "glow " * 20_000, '"' * 1000, "-" * 1000, "a-" * 500, "the of and", "\u202eglow", "gene" + "\u00a0" + "hum")


@pytest.mark.parametrize("query", HOSTILE)
def test_nothing_typed_breaks_the_program(run: Run, query: str) -> None:
    for format in ("json", "plain"):
        answer = run("search", "--data", TINY, "-f", format, "--", query)
        assert answer.code in (0, 1)
        assert "Traceback" not in answer.err


SYNTAX = st.sampled_from(['"', "'", "*", "^", ":", "(", ")", "{", "}", "-", "+", " AND ", " OR ", " NOT ", " NEAR",
                          " glow ", "gene", " hum", "\0", ",", "β", "é", "🧬"])


@given(st.lists(st.text(max_size=12) | SYNTAX, max_size=12).map("".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_raises_an_error_and_every_passage_is_whole(tiny: KnowledgeBase, text: str) -> None:
    for hit in search(tiny, text).hits:
        assert hit.piece.text == "".join(part for part, _ in hit.passage)


def test_a_question_has_an_end(tiny: KnowledgeBase) -> None:
    assert MOST_CHUNKS == len(chunks_of(" ".join(f"word{number}" for number in range(1000))))


def test_a_stem_is_what_the_full_text_index_makes_of_a_word() -> None:
    """SQLite parts words at letters that Python takes for such; the last part in its order counts."""
    assert {"running": "run", "a\u19b0b": "b", "tumours": "tumor", "\u19b0": "\u19b0"} == stems(
        ["running", "a\u19b0b", "tumours", "\u19b0"])
    assert {} == stems([])


def test_folded_words_are_letters_and_digits() -> None:
    assert ["it", "dont", "5", "fu", "beta", "x"] == words("It's don\u2019t 5-FU, β_x!")
    assert ["5fu", "offtarget"] == compounds("5-FU and off-target -x-")


# --- a large base ---

def base_of(count: int) -> sqlite3.Connection:
    """A base of records that all have one word."""
    kind = next(each for each in KINDS.values() if each.defines)
    body: dict[str, Any] = {key: [] if field.shape.many else None for key, field in kind.fields.items()}
    connection = sqlite3.connect(":memory:")
    write(connection, ((kind, {**body, "id": f"t{number:06}", "name": f"Name {number}", "local": False,
                               "definition": [{"text": f"A common word, and number{number}.", "refs": []}]})
                       for number in range(count)),
          {"layout": "1", "version": "1", "as_of": "2026-01-02", "hash": "", "stamp": "", "settled": "yes"})
    return with_full_text(connection)


def steps(connection: sqlite3.Connection, text: str) -> int:
    """How many hundreds of steps SQLite takes to answer."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    kb = KnowledgeBase(Store(connection))
    connection.set_progress_handler(count, 100)
    assert search(kb, text).hits
    connection.set_progress_handler(None, 0)
    return taken


@pytest.fixture(scope="module")
def bases() -> Iterator[list[sqlite3.Connection]]:
    with closing(base_of(MOST_SCORED)) as small, closing(base_of(3 * MOST_SCORED)) as large:
        yield [small, large]


@pytest.mark.parametrize("text", ["common", "common word", "common number17", "name 1999", '"common word"', "numb"])
def test_a_common_word_costs_no_more_in_a_larger_base(bases: list[sqlite3.Connection], text: str) -> None:
    small, large = (steps(each, text) for each in bases)

    assert large <= 1.5 * small


def test_a_rare_word_is_found_among_common_ones_in_a_large_base(bases: list[sqlite3.Connection]) -> None:
    kb = KnowledgeBase(Store(bases[1]))

    assert f"t{3 * MOST_SCORED - 1:06}" == first(kb, f"a common word and number{3 * MOST_SCORED - 1}")


def test_what_is_found_by_another_name_is_told_by_what_it_is(kb: KnowledgeBase) -> None:
    [hit] = [each for each in search(kb, "side effects").hits if each.line.id == "adverse-event"]

    assert "definition" == hit.key
