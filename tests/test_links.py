"""What a record names and what names it: as a tree, in every format, and as graphs that their own programs read."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY, Run
from mesoref.kb import KnowledgeBase
from mesoref.model import KINDS
from mesoref.queries.linking import links
from mesoref.views import Branch

ROOT = Path(__file__).parents[1]
NASTY = 'A "quote", \\N \\, <b>x</b> & #35; `y` {z} [w] | $1$ *e* _f_ ~g~ -->; %% β'


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    """Records whose names try to break out of every format, around one of the small base."""
    path = tmp_path / "nasty.yaml"
    path.write_text("schema: 1\nterms:\n  nasty:\n    name: " + json.dumps(NASTY) + "\n    definition:\n"
                    "      - {text: A name., refs: [able-2020]}\n    see: [gfp]\n", encoding="utf-8")
    return path


def branches(branch: Branch) -> Iterator[Branch]:
    yield branch
    for bundle in branch.bundles:
        for each in bundle.branches:
            yield from branches(each)


def labels(branch: Branch) -> list[tuple[bool, str, str, list[str]]]:
    return [(each.incoming, each.kind.name, each.field, [below.line.id for below in each.branches])
            for each in branch.bundles]


def test_a_record_has_first_what_it_names_by_field_then_what_names_it_by_kind(tiny: KnowledgeBase) -> None:
    expected = [
        (False, "risk", "risks", ["sunburn"]), (False, "gene", "genes", ["gfp"]),
        (False, "vector", "vectors", ["lamp-virus"]), (False, "reference", "", []),
        (True, "trial", "therapy", ["NCT00000001"]), (True, "term", "see", ["glow-term"]),
        (True, "claim", "about", ["glow-cures"]),
    ]

    assert expected == labels(links(tiny, "gene-glow").root)


def test_a_role_is_said_in_words(run: Run) -> None:
    assert "    Green fluorescent protein (gfp) [reporter]\n" in run("links", "gene-glow", "--data", TINY).out


def test_sources_are_counted_and_listed_only_if_asked_for(run: Run) -> None:
    counted = run("links", "gene-glow", "--data", TINY).out
    listed = run("links", "gene-glow", "--sources", "--data", TINY).out

    assert "  names 2 references (to list them: --sources)\n" in counted
    assert "able-2020" not in counted
    assert "(able-2020) [In plain words, Stage in mesothelioma, Risks, Genes, Sources]: Journal of Light" in listed


def test_what_cites_a_source_is_listed_with_the_fields_in_which_it_does(tiny: KnowledgeBase) -> None:
    found = {each.line.id: each.role for each in branches(links(tiny, "baker-2019").root)}

    assert "In plain words, Stage in mesothelioma, Risks" == found["gene-hum"]
    assert "Definition" == found["glow-term"]


def test_every_link_of_every_record_is_in_its_tree(kb: KnowledgeBase) -> None:
    for line in kb.store.lines(each.id for kind in KINDS for each in kb.all(kind)).values():
        found = {each.line.id for each in branches(links(kb, line.id, sources=True).root)} - {line.id}
        named = {row.target for row in kb.store.named_by([line.id])}
        naming = {row.source for row, _ in kb.store.naming([line.id])}
        assert (named | naming) - {line.id} == found


@pytest.mark.parametrize("depth", [1, 2, 3, 9])
def test_no_record_is_opened_twice_however_deep(kb: KnowledgeBase, depth: int) -> None:
    tree = links(kb, "car-t", depth=depth, sources=True)
    opened = Counter(each.line.id for each in branches(tree.root) if each.bundles)

    assert {1} == set(opened.values())


def test_a_record_is_opened_where_it_is_nearest(tiny: KnowledgeBase) -> None:
    tree = links(tiny, "gene-glow", depth=2)
    below = {each.line.id: each for bundle in tree.root.bundles for each in bundle.branches}

    assert [(True, "therapy", "risks", ["gene-glow", "gene-hum"])] == [
        each for each in labels(below["sunburn"]) if each[3]]


def test_an_unknown_record_has_no_links(run: Run) -> None:
    answer = run("links", "nothing-of-this-name")

    assert (1, "") == (answer.code, answer.out)


@pytest.mark.parametrize("depth", ["0", "-1", "x"])
def test_a_depth_is_a_number_from_one(run: Run, depth: str) -> None:
    assert 2 == run("links", "car-t", "--depth", depth).code


def test_json_holds_the_tree_with_kinds_fields_and_counts(run: Run) -> None:
    answer = json.loads(run("links", "gfp", "--data", TINY, "-f", "json").out)

    assert ("gene", 1) == (answer["kind"], answer["count"])
    assert {"id": "gfp", "kind": "gene", "name": "Green fluorescent protein", "brief": "", "role": "", "links": [
        {"link": "names", "kind": "reference", "field": "", "count": 1, "records": []},
        {"link": "named by", "kind": "therapy", "field": "genes", "count": 1, "records": [
            {"id": "gene-glow", "kind": "therapy", "name": "Glow gene transfer", "brief": "", "role": "reporter",
             "links": []}]},
    ]} == answer["records"][0]


def test_rows_say_from_where_each_record_hangs(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("links", "gfp", "--depth", "2", "--data", TINY, "-f", "csv").out)))

    assert ("2", "gene-glow", "names", "risks", "risk", "sunburn") == next(
        tuple(each.values())[:6] for each in rows if each["id"] == "sunburn")


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_lists_are_nested(run: Run, format: str) -> None:
    answer = run("links", "gfp", "--data", TINY, "-f", format).out

    if format == "html":
        depths = [len(re.findall("<ul", answer[:each.start()])) - len(re.findall("</ul", answer[:each.start()]))
                  for each in re.finditer("<li>", answer)]
        assert answer.count("<ul") == answer.count("</ul>")
    else:
        depths = [(len(line) - len(line.lstrip())) // 2 + 1 for line in answer.splitlines() if "- " in line]
    assert [1, 2, 2, 3] == depths


@pytest.mark.parametrize("format", ["dot", "mermaid"])
def test_only_links_are_a_graph(run: Run, format: str) -> None:
    answer = run("show", "gfp", "--data", TINY, "-f", format)

    assert (2, "") == (answer.code, answer.out)
    assert (f"`mesoref show` cannot be written as {format} (for a graph: mesoref links gfp -f {format}); its formats: "
            "table, plain, json, jsonl, csv, tsv, markdown, html\n") in answer.err


def test_mermaid_is_not_given_more_links_than_it_draws(run: Run) -> None:
    answer = run("links", "car-t", "--depth", "3", "-f", "mermaid")

    assert (2, "") == (answer.code, answer.out)
    assert "no more than 500 links" in answer.err


def edges_of(run: Run, *args: str | Path) -> set[tuple[str, str]]:
    """Who names whom, out of the rows of the same tree."""
    rows = csv.DictReader(io.StringIO(run("links", *args, "-f", "csv").out))
    pairs = ((each["parent"], each["id"] or f"{each['parent']} references", each["link"])
             for each in rows if each["parent"])
    return {(parent, id) if link == "names" else (id, parent) for parent, id, link in pairs}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_dot_has_the_links_of_the_tree_and_survives_every_name(run: Run, nasty: Path) -> None:
    pydot = pytest.importorskip("pydot")
    args = ("gfp", "--depth", "2", "--data", TINY, "--with", nasty)
    graph = pydot.graph_from_dot_data(run("links", *args, "-f", "dot").out)[0]

    assert edges_of(run, *args) == {(each.get_source().strip('"'), each.get_destination().strip('"'))
                                    for each in graph.get_edges()}


@pytest.mark.heavy
@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
def test_graphviz_draws_every_name_as_it_is(run: Run, nasty: Path) -> None:
    source = run("links", "gfp", "--data", TINY, "--with", nasty, "-f", "dot").out
    drawn = subprocess.run(["dot", "-Tjson"], input=source, text=True, capture_output=True, check=True)
    nodes = {each["name"]: each["label"] for each in json.loads(drawn.stdout)["objects"]}
    picture = subprocess.run(["dot", "-Tsvg"], input=source, text=True, capture_output=True, check=True).stdout

    assert "" == drawn.stderr
    assert "Glow gene transfer" == nodes["gene-glow"]
    assert "&lt;b&gt;x&lt;/b&gt; &amp;" in picture
    assert NASTY.split()[:2] == nodes["nasty"].replace("\\\"", '"').split()[:2]


def chart_of(text: str) -> dict[str, Any]:
    """A chart as Mermaid's own parser reads it."""
    for each in ("mermaid", "jsdom"):
        if not (ROOT / "node_modules" / each).is_dir():
            pytest.skip(f"the npm package {each} is not installed")
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    read = subprocess.run(["node", ROOT / "tests" / "mermaid.mjs"], input=text, encoding="utf-8", capture_output=True,
                          check=False)
    assert "" == read.stderr
    chart: dict[str, Any] = json.loads(read.stdout)
    return chart


@pytest.mark.heavy
def test_mermaid_reads_every_name_as_it_is(run: Run, nasty: Path) -> None:
    args = ("gfp", "--depth", "2", "--data", TINY, "--with", nasty)
    chart = chart_of(run("links", *args, "-f", "mermaid").out)
    names = [re.sub("ﬂ°°(\\d+)¶ß", lambda code: chr(int(code[1])), text) for _, text in chart["nodes"]]

    assert NASTY in names
    assert len(edges_of(run, *args)) == len(chart["edges"])


@pytest.mark.heavy
@pytest.mark.parametrize("id", ["car-t", "adusumilli-2021"])
def test_mermaid_reads_the_shipped_base(run: Run, id: str) -> None:
    chart = chart_of(run("links", id, "-f", "mermaid").out)

    assert len(edges_of(run, id)) == len({tuple(each[:2]) for each in chart["edges"]})
