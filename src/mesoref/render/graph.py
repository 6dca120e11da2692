"""Trees as graphs, for Graphviz (DOT) and Mermaid: an arrow leads from the record that names to the one it names."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TextIO

from mesoref import values
from mesoref.errors import UsageError
from mesoref.render.clean import dot, mermaid
from mesoref.store import Line
from mesoref.views import Branch, Tree, View

WIDEST = 36
MERMAID_EDGES = 500
"""Mermaid draws no graph with more edges unless its page is set to."""

Node = tuple[str, str, str]
"""The key of a node, its kind (empty for one that only counts) and its words."""
Edge = tuple[str, str, str]
"""The keys of the record that names and of the one that is named, and what the one does in the other."""


def write_dot(view: View, stream: TextIO) -> None:
    """A directed graph in the language of Graphviz."""
    nodes, edges = graph(view)
    stream.write('digraph mesoref {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname="sans-serif"];\n'
                 '  edge [fontname="sans-serif", fontsize=10];\n')
    for key, kind, words in nodes:
        look = f'tooltip="{dot(f"{kind} {key}")}"' if kind else "shape=plaintext"
        label = "\\n".join(dot(each) for each in textwrap.wrap(words, WIDEST))
        stream.write(f'  "{dot(key)}" [label="{label}", {look}];\n')
    for source, target, words in edges:
        label = f' [label="{dot(words)}"]' if words else ""
        stream.write(f'  "{dot(source)}" -> "{dot(target)}"{label};\n')
    stream.write("}\n")


def write_mermaid(view: View, stream: TextIO) -> None:
    """A flow chart in the language of Mermaid, which GitHub and many editors draw."""
    nodes, edges = graph(view)
    if len(edges) > MERMAID_EDGES:
        raise UsageError(f"mermaid draws no more than {MERMAID_EDGES} links, not {len(edges)}; use dot or less --depth")
    names = {key: f"n{number}" for number, (key, _, _) in enumerate(nodes)}
    stream.write("flowchart LR\n")
    stream.writelines(f'  {names[key]}["{mermaid(words)}"]\n' for key, _, words in nodes)
    for source, target, words in edges:
        label = f'|"{mermaid(words)}"|' if words else ""
        stream.write(f"  {names[source]} -->{label} {names[target]}\n")


def graph(view: View) -> tuple[list[Node], list[Edge]]:
    """The nodes and the edges of a tree, each once."""
    assert isinstance(view, Tree)
    nodes: dict[str, Node] = {}
    edges: dict[Edge, None] = {}
    for node, edge in _walk(view.root):
        nodes.setdefault(node[0], node)
        if edge:
            edges[edge] = None
    return list(nodes.values()), list(edges)


def _walk(branch: Branch) -> Iterator[tuple[Node, Edge | None]]:
    line = branch.line
    yield _node(line), None
    for bundle in branch.bundles:
        for each in bundle.branches:
            ends = (each.line.id, line.id) if bundle.incoming else (line.id, each.line.id)
            yield _node(each.line), (*ends, each.role or bundle.label.lower())
            yield from _walk(each)
        if not bundle.branches:
            many = f"{line.id} {bundle.kind.plural}"
            ends = (many, line.id) if bundle.incoming else (line.id, many)
            yield (many, "", values.counted(bundle)), (*ends, "")


def _node(line: Line) -> Node:
    return line.id, line.kind, values.short_title_of(line)
