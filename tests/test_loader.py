"""What a source says becomes records, or problems with their places: all of them, and each says what next."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import TINY
from mesoref.checks import check
from mesoref.loader import Sources, load

CLAIM = "claims:\n  c: {claim: C, verdict: wrong, met: [a]}\n"
REFERENCE = "references:\n  able-2020:\n    type: trial\n    title: Glow\n    access: abstract\n"

Places = list[tuple[int, int, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "base.yaml"


def read(file: Path, text: str) -> Sources:
    file.write_text(text, encoding="utf-8")
    return load([(file, False)])


def places(sources: Sources) -> Places:
    return [(each.line, each.column, each.rule) for each in sources.problems]


CASES: dict[str, tuple[str, Places]] = {
    "a sound base": (f"schema: 1\n{REFERENCE}", []),
    "nothing": ("", [(0, 0, "empty")]),
    "only a comment": ("# nothing yet\n", [(0, 0, "empty")]),
    "a list at the top": ("- schema: 1\n", [(1, 1, "wrong-type")]),
    "no schema": (REFERENCE, [(1, 1, "missing-field")]),
    "a newer schema, and nothing after it": ("schema: 2\ngenies: {}\n", [(1, 9, "schema-version")]),
    "a schema that is no number": ("schema: one\n", [(1, 9, "wrong-type")]),
    "an unknown kind": ("schema: 1\ngenies: {}\n", [(2, 1, "unknown-kind")]),
    "a kind twice": ("schema: 1\nterms: {}\nterms: {}\n", [(3, 1, "duplicate-key")]),
    "a kind that is a list": ("schema: 1\nterms: [glow]\n", [(2, 8, "wrong-type")]),
    "a kind with nothing in it": ("schema: 1\nterms:\n", []),
    "a second document": ("schema: 1\n---\nschema: 1\n", [(2, 1, "syntax")]),
    "a bracket that is never closed": ("schema: 1\nterms: [\n", [(3, 1, "syntax")]),
    "a tab for blanks": ("schema: 1\nterms:\n\tglow: {}\n", [(3, 1, "syntax")]),
    "an id twice": ("schema: 1\nterms:\n  a: {name: A}\n  a: {name: B}\n", [(4, 3, "duplicate-key")]),
    "an id in two kinds": ("schema: 1\nterms:\n  a: {name: A}\nvectors:\n  a: {name: A, class: viral}\n",
                           [(5, 3, "duplicate-id")]),
    "an id with a capital and a blank": ("schema: 1\nterms:\n  My Term: {name: A}\n", [(3, 3, "bad-id")]),
    "a key twice": ("schema: 1\nterms:\n  a:\n    name: A\n    name: B\n", [(5, 5, "duplicate-key")]),
    "an unknown key": ("schema: 1\nterms:\n  a:\n    name: A\n    sea: [a]\n", [(5, 5, "unknown-key")]),
    "an id within": ("schema: 1\nterms:\n  a:\n    id: a\n    name: A\n", [(4, 5, "unknown-key")]),
    "what is worked out": (f"schema: 1\n{REFERENCE}    cited: 3\n", [(7, 5, "unknown-key")]),
    "a missing field": ("schema: 1\nterms:\n  a: {see: [a]}\n", [(3, 6, "missing-field")]),
    "a value outside its set": (f"schema: 1\n{REFERENCE.replace('trial', 'trail')}", [(4, 11, "bad-value")]),
    "text for a list": ("schema: 1\nterms:\n  a:\n    name: A\n    see: a\n", [(5, 10, "wrong-type")]),
    "a list for text": ("schema: 1\nterms:\n  a:\n    name: [A]\n", [(4, 11, "wrong-type")]),
    "text for a record": ("schema: 1\nterms:\n  a: A\n", [(3, 6, "wrong-type")]),
    "nothing for text": ("schema: 1\nterms:\n  a:\n    name:\n", [(4, 10, "wrong-type")]),
    "blanks for text": ("schema: 1\nterms:\n  a:\n    name: '  '\n", [(4, 11, "wrong-type")]),
    "words for a number": (f"schema: 1\n{REFERENCE}    year: soon\n", [(7, 11, "wrong-type")]),
    "a day that is none": ("schema: 1\nas_of: 2025-02-30\n", [(2, 8, "wrong-type")]),
    "an identifier of a wrong form": (f"schema: 1\n{REFERENCE}    pmid: PMC1\n", [(7, 11, "bad-identifier")]),
    "an address of a wrong form": (f"schema: 1\n{REFERENCE}    url: ftp://a\n", [(7, 10, "bad-url")]),
    "a record that does not exist": ("schema: 1\nterms:\n  a: {name: A, see: [b]}\n", [(3, 22, "dangling-reference")]),
    "a record of another kind": (f"schema: 1\nterms:\n  a: {{name: A}}\n{CLAIM}",
                                 [(5, 39, "dangling-reference")]),
    "an anchor and an alias": ("schema: 1\nterms:\n  a: &x {name: A}\n  b: *x\n",
                               [(3, 6, "alias"), (4, 6, "alias")]),
    "a tag": ("schema: 1\nterms:\n  a: {name: !!str A}\n", [(3, 13, "tag")]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=list(CASES))
def test_a_mistake_is_found_where_it_stands(file: Path, text: str, expected: Places) -> None:
    assert expected == places(read(file, text))


def test_the_order_of_keys_makes_no_difference(file: Path) -> None:
    orders = ("type: trial, title: Glow, access: abstract, pmid: '1'",
              "pmid: '1', access: abstract, type: trial, title: Glow")
    bodies = [read(file, f"schema: 1\nreferences:\n  a: {{{order}}}\n").entries["a"].body for order in orders]

    assert ["id", "type", "title", "pmid", "access"] == list(bodies[0])
    assert list(bodies[0].items()) == list(bodies[1].items())


def test_a_file_that_is_laid_over_itself_has_the_mistakes_that_it_has_alone(file: Path) -> None:
    alone = read(file, "schema: 1\nterms:\n  a: {name: &x A}\n  b: {name: B, definition: *x}\n").problems

    assert alone
    assert alone == load([(file, False), (file, True)]).problems


SAYING: dict[str, tuple[str, list[str]]] = {
    "the nearest kind": ("schema: 1\ntherapys: {}\n", ["'therapys'", "did you mean 'therapies'?"]),
    "the nearest key": ("schema: 1\nterms:\n  a:\n    name: A\n    definitions: []\n",
                        ["'definitions'", "did you mean 'definition'?"]),
    "the nearest value, and all that are allowed": (f"schema: 1\n{REFERENCE.replace('trial', 'trail')}",
                                                    ["'trail'", "did you mean 'trial'?", "label, guideline"]),
    "the nearest id": (f"schema: 1\n{REFERENCE}terms:\n  a: {{name: A, see: [able-2002]}}\n",
                       ["'a' names", "'able-2002'", "does not exist", "did you mean 'able-2020'?"]),
    "of which kind a record is": (f"schema: 1\nterms:\n  a: {{name: A}}\n{CLAIM}",
                                  ["'c' names 'a' as a reference", "it is a term"]),
    "where an id stands already": ("schema: 1\nterms:\n  a: {name: A}\nvectors:\n  a: {name: A, class: viral}\n",
                                   ["'a'", "base.yaml:3", "as a term"]),
    "what a missing field is for": ("schema: 1\nterms:\n  a: {see: [a]}\n",
                                   ["term 'a' needs `name`", "what it is called"]),
    "what an id would look like": ("schema: 1\nterms:\n  My Term: {name: A}\n", ["'My Term'", "such as 'my-term'"]),
    "what is expected": (f"schema: 1\n{REFERENCE}    year: soon\n", ["expected a whole number", "'soon'"]),
    "what a date looks like": ("schema: 1\nas_of: spring\n", ["'spring'", "2026-11-23"]),
    "what to do with an empty field": ("schema: 1\nterms:\n  a:\n    name:\n", ["expected text", "leave the key out"]),
    "what to do with a newer file": ("schema: 99\n", ["schema 99", "reads up to 1", "update mesoref"]),
    "what to do with an anchor": ("schema: 1\nterms:\n  a: &x {name: A}\n", ["&x", "take it out"]),
    "what an identifier must match": (f"schema: 1\n{REFERENCE}    pmid: PMC1\n", ["'PMC1' is no PMID", "must match"]),
}


@pytest.mark.parametrize(("text", "expected"), SAYING.values(), ids=list(SAYING))
def test_a_message_says(file: Path, text: str, expected: list[str]) -> None:
    message = read(file, text).problems[0].message

    assert [each for each in expected if each not in message] == []
    assert not message.endswith(".")
    assert "\n" not in message


def test_all_mistakes_are_told_in_one_run_in_the_order_of_their_places(file: Path) -> None:
    text = ("schema: 1\nterms:\n  a:\n    name: A\n    sea: [b]\n    see: [c]\n  b: {}\n"
            "genies: {}\nreferences:\n  r: {type: tale, title: T, access: none}\n")

    assert [(5, 5, "unknown-key"), (6, 11, "dangling-reference"), (7, 6, "missing-field"), (8, 1, "unknown-kind"),
            (10, 13, "bad-value"), (10, 37, "bad-value")] == places(read(file, text))


def test_the_mistakes_of_several_files_are_told_in_one_run(tmp_path: Path) -> None:
    for name, text in (("a.yaml", "schema: 1\ngenies: {}\n"), ("b.yaml", "schema: 2\n"), ("c.yaml", "- \n")):
        (tmp_path / name).write_text(text)

    found = [(Path(each.file).name, each.rule) for each in load([(tmp_path, False)]).problems]

    assert [("a.yaml", "unknown-kind"), ("b.yaml", "schema-version"), ("c.yaml", "wrong-type")] == found


@pytest.mark.parametrize("broken", ["{name: A, nome: B}", "{}", "A", "{name: [A]}"])
def test_a_broken_record_does_not_make_others_dangle(file: Path, broken: str) -> None:
    found = places(read(file, f"schema: 1\nterms:\n  a: {broken}\n  b: {{name: B, see: [a]}}\n"))

    assert [line for line, _, _ in found] == [3]
    assert "dangling-reference" not in {rule for _, _, rule in found}


def test_what_a_broken_record_names_is_followed_too(file: Path) -> None:
    assert [(3, 6, "missing-field"), (3, 13, "dangling-reference")] == places(
        read(file, "schema: 1\nterms:\n  a: {see: [nowhere]}\n"))


def test_a_mistake_in_one_value_does_not_hide_another(file: Path) -> None:
    text = "schema: 1\nvectors:\n  v:\n    name: V\n    class: vital\n    integrates: {value: maybe}\n"

    assert [(5, 12, "bad-value"), (6, 17, "missing-field"), (6, 25, "bad-value")] == places(read(file, text))


@pytest.mark.parametrize(("written", "value"), [
    ("NO", "NO"), ("yes", "yes"), ("1.10", "1.10"), ("2024-01-01", "2024-01-01"), ("0x10", "0x10"), ("12:30", "12:30"),
    ("'null'", "null"), ("1e3", "1e3"),
])
def test_text_stays_text_whatever_it_looks_like(file: Path, written: str, value: str) -> None:
    read_ = read(file, f"schema: 1\nterms:\n  a: {{name: {written}}}\n")

    assert read_.problems == []
    assert value == read_.entries["a"].body["name"]


@pytest.mark.parametrize(("written", "value"), [
    ("12.5", 12.5), ("12", 12), ("-3", -3), ("1e3", 1000.0), ("'12'", "12"), ("not reached", "not reached"),
])
def test_an_amount_is_a_number_unless_it_is_quoted_or_words(file: Path, written: str, value: float | str) -> None:
    text = (f"schema: 1\n{REFERENCE}risks:\n  r:\n    name: R\n    frequency:\n"
            f"      - {{measure: M, value: {written}, refs: [able-2020]}}\n")
    read_ = read(file, text)

    assert read_.problems == []
    found = read_.entries["r"].body["frequency"][0]["value"]
    assert (value, type(value)) == (found, type(found))


def test_files_are_read_in_the_order_of_their_names_and_hidden_ones_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.yaml", "a.yml", "deep/c.yaml", ".hidden.yaml", "notes.txt"):
        (tmp_path / name).write_text(f"schema: 1\nterms:\n  {Path(name).stem.strip('.')}: {{name: N}}\n")

    assert ["a", "b", "c"] == list(load([(tmp_path, False)]).entries)


# --- more records laid over a base ---


@pytest.fixture
def over(tmp_path: Path) -> Path:
    return tmp_path / "over.yaml"


def laid(text: str, *overs: Path) -> Sources:
    overs[-1].write_text(text, encoding="utf-8")
    return load([(TINY, False), *((each, True) for each in overs)])


def test_a_record_laid_over_the_base_joins_it_and_may_name_its_records(over: Path) -> None:
    sources = laid("schema: 1\nterms:\n  mine: {name: Mine, see: [gene-glow]}\n", over)

    assert sources.problems == []
    assert (True, False) == (sources.entries["mine"].local, sources.entries["gene-glow"].local)


def test_a_record_laid_over_another_takes_its_place(over: Path) -> None:
    sources = laid("schema: 1\nterms:\n  glow-term: {name: My word}\n", over)

    assert sources.problems == []
    assert {"id": "glow-term", "name": "My word"} == sources.entries["glow-term"].body
    assert sources.entries["glow-term"].local


def test_a_record_laid_over_one_of_another_kind_leaves_those_that_name_it_dangling(over: Path) -> None:
    sources = laid("schema: 1\nterms:\n  gfp: {name: Green}\n", over)

    assert [("dangling-reference", str(TINY))] == [(each.rule, each.file) for each in sources.problems]


def test_two_overlays_may_not_have_the_same_id(over: Path, tmp_path: Path) -> None:
    text = "schema: 1\nterms:\n  mine: {name: Mine}\n"
    laid(text, over)
    second = tmp_path / "second.yaml"

    assert [("duplicate-id", str(second), 3)] == [
        (each.rule, each.file, each.line) for each in laid(text, over, second).problems]


@pytest.mark.parametrize("as_of", ["as_of: 2020-01-01\n", "as_of: 2026-06-30\n", ""])
def test_the_date_of_the_knowledge_is_that_of_the_base(over: Path, as_of: str) -> None:
    assert laid(f"schema: 1\n{as_of}terms:\n  mine: {{name: Mine}}\n", over).as_of == "2026-01-02"


def test_the_date_of_the_knowledge_is_the_latest_of_the_files_of_a_base(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1\nas_of: 2025-06\n")
    (tmp_path / "b.yaml").write_text("schema: 1\nas_of: 2024-12-31\n")

    assert load([(tmp_path, False)]).as_of == "2025-06"


# --- records that nobody has seen do not make others look wrong ---

TWO_FILES = {"references.yaml": f"schema: 1\n{REFERENCE}",
             "terms.yaml": "schema: 1\nterms:\n  a: {name: A, definition: [{text: A thing., refs: [able-2020]}]}\n"}


@pytest.mark.parametrize(("damaged", "damage", "expected"), [
    ("references.yaml", "schema: 1\nreferences: [\n  - ]: {\n", ["syntax"]),
    ("references.yaml", "schema: 2\n", ["schema-version"]),
    ("references.yaml", f"schema: 1\n{REFERENCE}".replace("references", "refrences"), ["unknown-kind"]),
    ("references.yaml", "schema: 1\nreferences: none\n", ["wrong-type"]),
    ("terms.yaml", "schema: 1\nterms:\n  a: {{{\n", ["syntax"]),
])
def test_a_file_that_cannot_be_read_is_the_only_thing_that_is_told(tmp_path: Path, damaged: str, damage: str,
                                                                   expected: list[str]) -> None:
    for name, text in (TWO_FILES | {damaged: damage}).items():
        (tmp_path / name).write_text(text)
    _, problems = check([(tmp_path, False)])

    assert expected == [each.rule for each in problems]


def test_where_all_is_read_what_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "terms.yaml").write_text(TWO_FILES["terms.yaml"])

    assert ["dangling-reference"] == [each.rule for each in check([(tmp_path, False)])[1]]


def test_files_are_found_however_their_ending_is_written(tmp_path: Path) -> None:
    for name, text in TWO_FILES.items():
        (tmp_path / name.upper()).write_text(text)

    assert {"able-2020", "a"} == load([(tmp_path, False)]).entries.keys()


def test_identifiers_have_digits_that_every_program_knows(tmp_path: Path) -> None:
    file = tmp_path / "base.yaml"

    assert [(7, 11, "bad-identifier")] == places(read(file, f"schema: 1\n{REFERENCE}    pmid: '1\u0662'\n"))
