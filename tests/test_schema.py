"""Fields say what they are, the JSON Schema says what the loader says, and every record survives YAML."""

from __future__ import annotations

import copy
import datetime
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conftest import TINY
from mesoref.about import about
from mesoref.cache import data_folder
from mesoref.derive import complete
from mesoref.errors import Problem
from mesoref.jsonschema import json_schema
from mesoref.kb import KnowledgeBase
from mesoref.loader import load
from mesoref.model import KINDS, SCHEMA, Figure, Statement
from mesoref.queries.charting import chart
from mesoref.queries.citing import cite
from mesoref.queries.comparing import compare
from mesoref.queries.explaining import explain
from mesoref.queries.exporting import edition
from mesoref.queries.linking import links
from mesoref.queries.listing import list_
from mesoref.queries.searching import search
from mesoref.queries.showing import show
from mesoref.schema import Body, Choice, Date, Field, Ref, Scheme, Shape, Struct, encode, shape_of
from mesoref.views import Document, Problems


def structs() -> list[type[Struct]]:
    """Every class that a record can be or hold."""
    found: dict[type[Struct], None] = dict.fromkeys(each.cls for each in KINDS.values())
    for cls in (waiting := list(found)):
        for field in cls.fields.values():
            new = [each for each in field.shape.structs if each not in found]
            found.update(dict.fromkeys(new))
            waiting += new
    return list(found)


STRUCTS = structs()
FIELDS = [pytest.param(field, id=f"{cls.__name__}.{key}") for cls in STRUCTS for key, field in cls.fields.items()]


def in_source(cls: type[Struct]) -> dict[str, Field]:
    """The fields that can stand in a source below an id."""
    return {key: field for key, field in cls.fields.items() if not field.derived and key != "id"}


# --- fields ---


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_says_what_it_is(field: Field) -> None:
    assert field.label[:1].strip()
    assert field.help.strip()
    assert not field.help.endswith(".") or field.help.endswith("...")


@pytest.mark.parametrize("cls", STRUCTS)
def test_every_record_and_what_it_holds_is_described(cls: type[Struct]) -> None:
    assert (cls.__doc__ or "").strip().endswith(".")


@pytest.mark.parametrize("cls", STRUCTS)
def test_no_two_fields_of_a_record_have_one_label(cls: type[Struct]) -> None:
    labels = [field.label for field in cls.fields.values()]

    assert sorted(set(labels)) == sorted(labels)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_what_a_kind_declares_are_fields_of_it(kind: Any) -> None:
    asked = {kind.title, kind.short, kind.sort.removeprefix("-"), *kind.columns, *kind.brief}

    assert sorted(asked - kind.fields.keys()) == []


@pytest.mark.parametrize("annotation", [dict[str, str], list[str], bytes, str | Struct, tuple[dict[str, str], ...]])
def test_a_form_that_records_cannot_hold_is_refused_where_it_is_declared(annotation: Any) -> None:
    with pytest.raises(TypeError, match="a record cannot hold"):
        shape_of(annotation)


@pytest.mark.parametrize(("kind", "key", "value", "led"), [
    ("therapy", "stage", {"value": "phase-1", "refs": ["x"]}, "phase-1"),
    ("therapy", "genes", {"gene": "gfp", "role": "reporter", "refs": ["x"]}, "gfp"),
    ("trial", "results", {"measure": "survival", "value": 1, "refs": ["x"]}, "survival"),
    ("trial", "results", {"text": "Nobody died.", "refs": ["x"]}, "Nobody died."),
    ("trial", "phase", "1", "1"),
])
def test_a_value_leads_with_the_first_field_of_what_it_is(kind: str, key: str, value: Any, led: str) -> None:
    assert led == KINDS[kind].fields[key].shape.lead_of(value)[1]


@pytest.mark.parametrize(("kind", "key", "label"), [
    ("therapy", "stage", "phase 1"), ("trial", "phase", "phase 1"), ("trial", "status", "recruiting"),
])
def test_a_closed_set_is_the_same_with_sources_and_without(kind: str, key: str, label: str) -> None:
    choice = KINDS[kind].fields[key].shape.leading.choice

    assert choice
    assert label in choice.labels.values()


def test_a_record_cannot_be_changed(tiny: KnowledgeBase) -> None:
    record = tiny.find("gfp")

    with pytest.raises(AttributeError, match="is frozen"):
        record.id = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="is frozen"):
        del record.id
    with pytest.raises(AttributeError, match="is frozen"):
        del record._body


def test_a_view_cannot_be_changed(tiny: KnowledgeBase) -> None:
    view = show(tiny, ["gfp"])

    with pytest.raises(AttributeError, match="is frozen"):
        view.lay = True  # type: ignore[misc]
    with pytest.raises(AttributeError, match="is frozen"):
        del view.profiles
    assert "profiles=" in repr(view)


# --- copies ---


VALUES: dict[str, Callable[[KnowledgeBase], Any]] = {
    "a record": lambda kb: kb.find("gene-glow"), "a source": lambda kb: kb.find("able-2020"),
    "a figure": lambda kb: kb.find("NCT00000001").results[0],  # type: ignore[attr-defined]
    "a value with sources": lambda kb: kb.find("gene-glow").stage,  # type: ignore[attr-defined]
    "a line": lambda kb: kb.resolve("gfp"), "a kind": lambda kb: kb.kind("gene"),
    "a table": lambda kb: list_(kb, "trials"), "a profile": lambda kb: show(kb, ["gene-glow", "gfp"]),
    "an explanation": lambda kb: explain(kb, ["gene-glow"]), "hits": lambda kb: search(kb, "glow"),
    "a comparison": lambda kb: compare(kb, ["gene-glow", "gene-hum"]), "a tree": lambda kb: links(kb, "gfp", depth=2),
    "a bibliography": cite, "a chart": lambda kb: chart(kb, "timeline"),
    "a report": lambda kb: about(kb, None), "problems": lambda kb: Problems((Problem("a", 1, 2, "x", "y"),), 1, ""),
    "a document": lambda kb: Document(json_schema()), "an edition": edition,
}
WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "old pickle": lambda value: pickle.loads(pickle.dumps(value, 2))}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", VALUES)
def test_a_copy_is_equal_and_hashes_equally(tiny: KnowledgeBase, value: str, way: str) -> None:
    original = VALUES[value](tiny)
    copied = WAYS[way](original)

    assert original == copied
    assert hash(original) == hash(copied)
    assert repr(original) == repr(copied)


def test_a_copy_that_is_deep_shares_nothing_that_can_be_written_to(tiny: KnowledgeBase) -> None:
    record = tiny.find("gfp")
    copied = copy.deepcopy(record)
    copied.data["roles"].append("x")

    assert "x" not in record.data["roles"]


def test_a_pickle_is_read_in_another_process(tiny: KnowledgeBase) -> None:
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).profiles[0].record.title)"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(show(tiny, ["gfp"])), capture_output=True,
                          check=True)

    assert f"{tiny.find('gfp').title}\n".encode() == done.stdout.replace(b"\r", b"")


def test_equal_values_are_one_in_a_set_whatever_the_order_of_their_fields() -> None:
    one, other = Statement(text="x", refs=("y",), level="A"), Statement(level="A", refs=("y",), text="x")
    whole, exact = (Figure(measure="x", value=each, refs=("y",), level="A") for each in (2, 2.0))

    assert {one} == {one, other}
    assert {whole} == {whole, exact}
    assert 2 == len({one, Statement(text="x", refs=("z",), level="A")})


# --- the JSON Schema ---


class Editor(yaml.SafeLoader):
    """YAML as an editor reads it (the core schema of YAML 1.2), for an editor knows nothing of declared types.

    `no` is text to it as it is to the loader, `2020-05` too; but a bare 2020 is a number, where the loader makes of it
    what its field says.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - declared so by its base


for tag, pattern, first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_an_editor_reads(file: Path) -> Any:
    class Fast(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers = Editor.yaml_implicit_resolvers

    return yaml.load(file.read_text(encoding="utf-8"), Fast)


@pytest.mark.parametrize("file", [*sorted(data_folder().glob("*.yaml")), TINY], ids=lambda file: file.name)
def test_the_schema_accepts_what_is_shipped(validator: Draft202012Validator, file: Path) -> None:
    found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(as_an_editor_reads(file))]

    assert found == []


def test_the_schema_knows_every_kind() -> None:
    assert {"schema", "as_of", *(each.plural for each in KINDS.values())} == json_schema()["properties"].keys()


@pytest.mark.parametrize("cls", STRUCTS)
def test_the_schema_knows_every_field_and_which_are_required(cls: type[Struct]) -> None:
    described = json_schema()["$defs"][cls.__name__]

    assert in_source(cls).keys() == described["properties"].keys()
    assert [key for key, field in in_source(cls).items() if field.required] == described["required"]
    assert [field.help for field in in_source(cls).values()] == [
        each["description"] for each in described["properties"].values()]


BROKEN: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "a newer schema": (("schema",), SCHEMA + 1),
    "no date": (("as_of",), "spring"),
    "an unknown kind": (("genies",), {}),
    "records in a list": (("genes",), []),
    "an id in capitals": (("genes", "GFP"), {"name": "x", "symbol": "X", "roles": ["reporter"]}),
    "an unknown key": (("genes", "gfp", "colour"), "green"),
    "a key that is derived": (("therapies", "gene-glow", "trials"), 3),
    "a missing field": (("genes", "gfp"), {"name": "x", "roles": ["reporter"]}),
    "a value outside its set": (("therapies", "gene-glow", "stage", "value"), "phase-9"),
    "text for a list": (("genes", "gfp", "roles"), "reporter"),
    "text for a number": (("references", "able-2020", "year"), "soon"),
    "text for a mapping": (("trials", "NCT00000001", "enrolled"), "ten"),
    "an identifier of a wrong form": (("references", "able-2020", "pmcid"), "12345"),
    "an address that is none": (("references", "baker-2019", "url"), "example.org"),
    "an empty text": (("genes", "gfp", "name"), ""),
    "a day in a wrong form": (("trials", "NCT00000001", "start"), "5/2020"),
    "a statement without its sources": (("terms", "glow-term", "definition", 0), {"text": "Light that stays."}),
    "a figure without a value": (("risks", "sunburn", "frequency", 0), {"measure": "sunburn", "refs": ["able-2020"]}),
}


@pytest.mark.parametrize("path_and_value", BROKEN.values(), ids=list(BROKEN))
def test_the_schema_and_the_loader_refuse_the_same(validator: Draft202012Validator, tmp_path: Path,
                                                   path_and_value: tuple[tuple[str | int, ...], Any]) -> None:
    path, value = path_and_value
    base = copy.deepcopy(as_an_editor_reads(TINY))
    where = base
    for step in path[:-1]:
        where = where[step]
    where[path[-1]] = value
    file = tmp_path / "broken.yaml"
    file.write_text(yaml.safe_dump(base, sort_keys=False, allow_unicode=True), encoding="utf-8")

    assert not validator.is_valid(base)
    assert load([(file, False)]).problems


# --- what goes through YAML ---

MENTIONED: dict[str, list[str]] = {}
for id_, entry in load([(TINY, False)]).entries.items():
    MENTIONED.setdefault(entry.kind.name, []).append(id_)
    MENTIONED.setdefault("", []).append(id_)
MENTIONED["agent"] = ["lantern"]
STUB = "schema: 1\nagents:\n  lantern: {name: Lantern, therapy: gene-glow}\n"

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)
ids = st.from_regex(re.compile(r"made(-[a-z0-9]+)*", re.ASCII), fullmatch=True)
whole = st.integers(-10**9, 10**9)
numbers = whole | st.decimals(-1000, 1000, places=3).map(float)


@cache
def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that a field of this shape can have in a source."""
    match shape.marker:
        case Choice(labels=labels):
            item: st.SearchStrategy[Any] = st.sampled_from(sorted(labels))
        case Date():
            item = st.tuples(st.dates(datetime.date(1000, 1, 1)), st.sampled_from([4, 7, 10])).map(
                lambda each: each[0].isoformat()[:each[1]])
        case Ref(kind=kind):
            item = st.sampled_from(MENTIONED[kind])
        case Scheme(pattern=pattern):
            item = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True,
                                 alphabet=st.characters(codec="ascii", exclude_categories=["Cc", "Zs"]))
        case None if shape.structs:
            item = st.one_of([bodies(each) for each in shape.structs])  # type: ignore[arg-type] # classes hash
        case None:
            item = st.one_of([{str: texts, int: whole, float: numbers, bool: st.booleans()}[each]
                              for each in shape.scalar])
    return st.lists(item, max_size=2) if shape.many else item


@cache
def bodies(cls: type[Struct]) -> st.SearchStrategy[Body]:
    """Bodies of a record or of a value that it holds, with any of the fields that need not be there."""
    required, optional = ({key: values(each.shape) for key, each in in_source(cls).items() if each.required is needed}
                          for needed in (True, False))
    return st.fixed_dictionaries(required, optional=optional)


class Quoting(yaml.SafeDumper):
    """Writes every text between quotes, as curators do where a bare one could be taken for something else."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made")
    (made / "tiny.yaml").write_bytes(TINY.read_bytes())
    (made / "stub.yaml").write_text(STUB)
    return made


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
@settings(max_examples=10, deadline=None, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink],
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_record_of_any_kind_is_the_same_after_yaml(kind: Any, folder: Path, validator: Draft202012Validator,
                                                     data: st.DataObject) -> None:
    id, body = data.draw(ids), data.draw(bodies(kind.cls))
    base = {"schema": SCHEMA, kind.plural: {id: body}}
    (folder / "made.yaml").write_text(yaml.dump(base, Dumper=Quoting, allow_unicode=True), encoding="utf-8")
    read = load([(folder, False)])

    assert read.problems == []
    found = read.entries[id].body
    assert body | {"id": id} == found
    assert [key for key in kind.fields if key in found] == list(found)
    record = kind.cls.of(found)
    assert found == {field.key: encode(getattr(record, field.name))
                     for field in kind.fields.values() if field.key in found}
    assert [error.message for error in validator.iter_errors(base)] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_compiled_base_gives_back_what_was_read(kind: Any, tiny: KnowledgeBase) -> None:
    read = load([(TINY, False)]).entries.values()
    expected = {body["id"]: body for of, body in complete((each.kind, each.body, False) for each in read) if of == kind}

    assert expected == {each.id: each.data for each in tiny.all(kind.name)}
